/**
 * What Lambda's Node.js runtime is to a function: runs in a worker thread, imports the packaged bundle, calls its
 * handler once for each message, and tells what it answered, printed and called. A thread serves one invocation at a
 * time, in the environment of that function alone; a bundle keeps its own modules, and with them its clients. Plain
 * JavaScript: setting up Node's type stripping takes longer than all the rest of a thread's start.
 */
import { subscribe } from 'node:diagnostics_channel';
import { enableCompileCache } from 'node:module';
import { format } from 'node:util';
import { parentPort } from 'node:worker_threads';

enableCompileCache();

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
  stream.write = (chunk, ...rest) => {
    printed += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    const done = rest.find((argument) => typeof argument === 'function');
    if (done) process.nextTick(() => done());
    return true;
  };
}
for (const level of ['log', 'info', 'warn', 'error', 'debug']) {
  console[level] = (...values) => process.stdout.write(`${format(...values)}\n`);
}
subscribe('http.client.request.start', () => {
  requests++;
});

function shape(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] };
}

async function load({ module, handler }) {
  const found = Reflect.get(await import(module), handler);
  if (typeof found === 'function') return found;
  const error = new Error(`${handler} is undefined or not exported`);
  error.name = 'Runtime.HandlerNotFound';
  throw error;
}

/** @param {import('./messages.ts').InvocationMessage} message */
async function invoke({ code, payload, requestId, functionArn }) {
  const run = await load(code);
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
    getRemainingTimeInMillis: () => Math.max(0, code.timeoutSeconds * 1000 - (performance.now() - began)),
  });
}

parentPort?.on('message', async (message) => {
  now = message.now;
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, message.variables);
  printed = '';
  requests = 0;
  const answer = await invoke(message).then(
    (result) => ({ payload: JSON.stringify(result) ?? 'null', failed: false }),
    (error) => ({ payload: JSON.stringify(shape(error)), failed: true }),
  );
  parentPort?.postMessage({ ...answer, printed, requests });
});
