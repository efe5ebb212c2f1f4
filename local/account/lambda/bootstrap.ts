/**
 * What Lambda's Node.js runtime is to a function: runs in a worker thread, imports the packaged bundle, calls its
 * handler once for each message, and tells what it answered, printed and called.
 */
import { subscribe } from 'node:diagnostics_channel';
import { format } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';

/** One invocation, to the worker. */
export interface InvocationMessage {
  payload: string;
  requestId: string;
  functionArn: string;
  /** The account's time at which the function runs, in milliseconds. */
  now: number;
}

/** Its end, from the worker. */
export interface AnswerMessage {
  /** JSON of the handler's result, or of the error as Lambda shapes it. */
  payload: string;
  failed: boolean;
  printed: string;
  /** HTTP requests that the function made. */
  requests: number;
}

/** Where the bundle lies and what of it is called. */
export interface FunctionCode {
  module: string;
  handler: string;
  timeoutSeconds: number;
}

let now = 0;
let printed = '';
let requests = 0;

/** The clock of the account stands still while a function runs. */
globalThis.Date = new Proxy(Date, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length > 0 ? args : [now], newTarget),
  apply: () => new Date(now).toString(),
  get: (target, key) => (key === 'now' ? () => now : Reflect.get(target, key)),
});

for (const stream of [process.stdout, process.stderr]) {
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
    printed += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    const done = rest.find((argument) => typeof argument === 'function');
    if (done) process.nextTick(() => done());
    return true;
  };
}
for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const) {
  console[level] = (...values: unknown[]) => process.stdout.write(`${format(...values)}\n`);
}
subscribe('http.client.request.start', () => {
  requests++;
});

function shape(error: unknown) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] };
}

const { module, handler, timeoutSeconds }: FunctionCode = workerData;
let loaded: Promise<(event: unknown, context: object) => unknown> | undefined;

async function load() {
  const found: unknown = Reflect.get(await import(module), handler);
  if (typeof found === 'function') return (event: unknown, context: object) => found(event, context);
  const error = new Error(`${handler} is undefined or not exported`);
  error.name = 'Runtime.HandlerNotFound';
  throw error;
}

async function invoke({ payload, requestId, functionArn }: InvocationMessage): Promise<unknown> {
  loaded ??= load();
  const run = await loaded;
  const began = performance.now();
  return await run(payload === '' ? undefined : JSON.parse(payload), {
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: '$LATEST',
    invokedFunctionArn: functionArn,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: requestId,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, timeoutSeconds * 1000 - (performance.now() - began)),
  });
}

parentPort?.on('message', async (message: InvocationMessage) => {
  now = message.now;
  printed = '';
  requests = 0;
  const answer = await invoke(message).then(
    (result) => ({ payload: JSON.stringify(result) ?? 'null', failed: false }),
    (error: unknown) => ({ payload: JSON.stringify(shape(error)), failed: true }),
  );
  const full: AnswerMessage = { ...answer, printed, requests };
  parentPort?.postMessage(full);
});
