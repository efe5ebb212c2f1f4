import { randomUUID } from 'node:crypto';
import type { InvocationRequest, InvocationResponse } from '@aws-sdk/client-lambda';
import type { Account } from '../account.ts';
import { AwsError, type Operation, type Principal, type Service } from '../service.ts';
import { codeOf } from './code.ts';
import { ExecutionEnvironment, TimedOut } from './environment.ts';
import { type LogLine, type Metric, metricsOf } from './logs.ts';
import type { AnswerMessage } from './messages.ts';
import { keyVariables, logStream, runtimeVariables } from './variables.ts';

/** A function as the template makes it. */
export interface FunctionSpec {
  name: string;
  /** The name of its role. */
  role: string;
  /** Path of the zip that `serverless package` made. */
  zip: string;
  /** `functions/image/createImage.createImage` */
  handler: string;
  environment: Record<string, string>;
  memoryMb: number;
  timeoutSeconds: number;
}

interface LambdaFunction extends FunctionSpec {
  arn: string;
  code: { module: string; handler: string };
  directory: string;
  /** Execution environments that are warm and free. */
  warm: number;
  logs: LogLine[];
}

/** Milliseconds. A bundle of some 300 kB initialises in 242-270 ms; the rest are usual times of a call in the Region. */
const INIT = 250;
const HANDLER = 30;
const REQUEST = 40;
/** Bytes of a synchronous request or answer. */
const LARGEST_REQUEST = 6_291_456;
const LARGEST_ANSWER = 6_291_556;

/** Keys with which a function signs its calls. */
export interface RoleCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

/** Lambda in one Region: functions are run as packaged, each concurrent invocation in an environment of its own. */
export class LambdaService implements Service {
  readonly operations: Record<string, Operation>;
  #account: Account;
  #region: string;
  #credentials: (principal: Principal) => RoleCredentials;
  #functions = new Map<string, LambdaFunction>();
  #environments = new Set<ExecutionEnvironment>();
  #idle: ExecutionEnvironment[] = [];

  /** @param credentials issues the keys by which the account knows a principal again. */
  constructor(account: Account, region: string, credentials: (principal: Principal) => RoleCredentials) {
    this.#account = account;
    this.#region = region;
    this.#credentials = credentials;
    const invoke: Operation<InvocationRequest, InvocationResponse> = {
      access: (input) => [{ action: 'lambda:InvokeFunction', resource: this.#arn(nameOf(input)) }],
      run: (input) => this.#invoke(input),
    };
    this.operations = { Invoke: invoke };
  }

  /** Makes a function, as CloudFormation does. @returns its ARN. */
  createFunction(spec: FunctionSpec): string {
    const { directory, ...code } = codeOf(spec.zip, spec.handler);
    const arn = this.#arn(spec.name);
    this.#functions.set(spec.name, { ...spec, arn, code, directory, warm: 0, logs: [] });
    return arn;
  }

  /** The log of a function, oldest line first. */
  logs(name: string): readonly LogLine[] {
    return this.#functions.get(name)?.logs ?? [];
  }

  /** What all functions reported to CloudWatch through their logs. */
  metrics(): Metric[] {
    return [...this.#functions.values()].flatMap(({ logs }) => logs.flatMap(metricsOf));
  }

  /** Ends all execution environments. */
  async dispose(): Promise<void> {
    this.#idle = [];
    await Promise.all([...this.#environments].map((environment) => environment.stop()));
    this.#environments.clear();
  }

  #arn(name: string): string {
    const { partition, id } = this.#account;
    return `arn:${partition}:lambda:${this.#region}:${id}:function:${name}`;
  }

  async #invoke(input: InvocationRequest): Promise<InvocationResponse> {
    const name = nameOf(input);
    const target = this.#functions.get(name);
    if (!target)
      throw new AwsError('ResourceNotFoundException', `Function not found: ${this.#arn(name)}`, 404);
    const { InvocationType = 'RequestResponse', Payload } = input;
    if (InvocationType !== 'RequestResponse')
      throw new AwsError('NotSimulated', `the invocation type ${InvocationType} is not simulated`, 501);
    const payload = Buffer.from(Payload ?? '').toString();
    if (Buffer.byteLength(payload) > LARGEST_REQUEST) throw tooLarge();

    const { clock, meter } = this.#account;
    const outcome = await clock.hold(() => this.#run(target, payload));
    for (const each of [payload, outcome.payload]) meter.see('lambda:payload', Buffer.byteLength(each));
    meter.add('lambda:request', 1);
    meter.add('lambda:gb-second', (target.memoryMb / 1024) * (outcome.milliseconds / 1000));
    await clock.sleep(outcome.milliseconds);
    return {
      StatusCode: 200,
      ExecutedVersion: '$LATEST',
      ...(outcome.failed && { FunctionError: 'Unhandled' }),
      Payload: Buffer.from(outcome.payload),
    };
  }

  /** Runs a function at this instant. @returns its answer and how long it takes on the account's clock. */
  async #run(target: LambdaFunction, payload: string): Promise<Outcome> {
    const environment = this.#take(target.code.module);
    const init = target.warm > 0 ? 0 : INIT;
    if (target.warm > 0) target.warm--;
    const requestId = randomUUID();
    const at = this.#account.clock.now();
    const limit = target.timeoutSeconds * 1000;
    try {
      const { code, variables } = this.environmentOf(target.name);
      const message = {
        code: { ...code, timeoutSeconds: target.timeoutSeconds },
        variables,
        payload,
        requestId,
        functionArn: target.arn,
        now: at,
      };
      const answer = await environment.invoke(message, limit);
      this.#log(target, answer.printed, at);
      const milliseconds = HANDLER + REQUEST * answer.requests;
      if (milliseconds > limit) throw new TimedOut();
      target.warm++;
      this.#idle.push(environment);
      return { ...limited(answer), milliseconds: init + milliseconds };
    } catch (error) {
      this.#environments.delete(environment);
      await environment.stop();
      if (error instanceof TimedOut) {
        const said = `Task timed out after ${target.timeoutSeconds.toFixed(2)} seconds`;
        return {
          ...failure('Sandbox.Timedout', `RequestId: ${requestId} Error: ${said}`),
          milliseconds: init + limit,
        };
      }
      const said = `RequestId: ${requestId} Error: Runtime exited with error: ${message(error)}`;
      return { ...failure('Runtime.ExitError', said), milliseconds: init + HANDLER };
    }
  }

  /**
   * What a process is to be given to be an execution environment of a function: its code, and its variables, its role's
   * keys among them.
   */
  environmentOf(name: string): { code: LambdaFunction['code']; variables: Record<string, string> } {
    const target = this.#functions.get(name);
    if (!target) throw new Error(`there is no function ${name}`);
    const stream = logStream(this.#account.clock.now());
    const variables = {
      ...runtimeVariables(target, this.#region, stream),
      ...keyVariables(this.#credentials(this.#principal(target))),
      AWS_ENDPOINT_URL: this.#account.endpoint,
      ...target.environment,
    };
    return { code: target.code, variables };
  }

  /** A free environment, best one that has loaded the bundle before. */
  #take(module: string): ExecutionEnvironment {
    // Without one, -1 is the last of the list.
    const best = this.#idle.findLastIndex((environment) => environment.has(module));
    const [environment = this.#start()] = this.#idle.splice(best, 1);
    return environment;
  }

  #start(): ExecutionEnvironment {
    const environment = new ExecutionEnvironment();
    this.#environments.add(environment);
    return environment;
  }

  #principal({ role, name }: FunctionSpec): Principal {
    const { partition, id } = this.#account;
    return { arn: `arn:${partition}:sts::${id}:assumed-role/${role}/${name}`, role };
  }

  /** Keeps what was printed, where the role may write to the function's log. */
  #log(target: LambdaFunction, printed: string, at: number): void {
    const { partition, id, iam } = this.#account;
    const resource = `arn:${partition}:logs:${this.#region}:${id}:log-group:/aws/lambda/${target.name}:log-stream:any`;
    const actions = ['logs:CreateLogStream', 'logs:PutLogEvents'];
    const allowed = actions.map((action) => iam.allows(this.#principal(target), { action, resource }));
    if (allowed.includes(false)) return;
    for (const text of printed.split('\n')) if (text !== '') target.logs.push({ at, text });
  }
}

interface Outcome {
  payload: string;
  failed: boolean;
  milliseconds: number;
}

/** The name in a name, a partial ARN or an ARN. */
function nameOf({ FunctionName }: Pick<InvocationRequest, 'FunctionName'>): string {
  const parts = (FunctionName ?? '').split(':');
  return parts[parts.indexOf('function') + 1] ?? '';
}

function failure(errorType: string, errorMessage: string) {
  return { payload: JSON.stringify({ errorType, errorMessage }), failed: true };
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function limited({ payload, failed }: AnswerMessage) {
  const size = Buffer.byteLength(payload);
  if (size <= LARGEST_ANSWER) return { payload, failed };
  const said = `Response payload size (${size} bytes) exceeded maximum allowed payload size (${LARGEST_ANSWER} bytes).`;
  return failure('Function.ResponseSizeTooLarge', said);
}

function tooLarge(): AwsError {
  const said = `Request must be smaller than ${LARGEST_REQUEST} bytes for the InvokeFunction operation`;
  return new AwsError('RequestTooLargeException', said, 413);
}
