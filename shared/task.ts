import middy from '@middy/core';
import * as v from 'valibot';
import { isThrottling } from './awsErrors.ts';
import { type ClientSettings, clientSettings } from './clients.ts';
import { type Config, readConfig } from './config.ts';
import { InvalidInput, Throttled } from './errors.ts';
import { faultLines } from './parsed.ts';
import { DeferredLog, type TaskLog } from './taskLog.ts';

/** What a task is handed beside its input. */
export interface TaskContext<Aws> {
  /** The SDK clients that the task asked for. */
  aws: Aws;
  /** The current time; a task never reads a clock by itself. */
  now: () => Date;
  config: Config;
  log: TaskLog;
}

/** One task of a state machine, as its file declares it. */
export interface TaskDefinition<Input extends v.GenericSchema, Output extends v.GenericSchema, Aws> {
  /** Verb and noun, as the states are named: `CreateImage`. */
  name: string;
  input: Input;
  output: Output;
  /** Builds the clients that the task calls, once, when it first runs. */
  aws: (settings: ClientSettings) => Aws;
  run: (input: v.InferOutput<Input>, context: TaskContext<Aws>) => Promise<v.InferInput<Output>>;
}

/** Parses by a schema. @throws InvalidInput with one line a fault: the key and what is wrong with it. */
export function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  what: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw new InvalidInput(`${what}: ${faultLines(result.issues, 'input').join('; ')}`);
}

/** An AWS error that asks for patience gets the one name that machines match; every other keeps its own. */
function shapeError(error: unknown): unknown {
  if (isThrottling(error)) return new Throttled(`${error.name}: ${error.message}`);
  return error;
}

/**
 * Makes a Lambda handler of a task. `.run(input, context)` is the same task without Lambda, for tests: input and
 * output are checked there too.
 */
export function task<Input extends v.GenericSchema, Output extends v.GenericSchema, Aws>(
  definition: TaskDefinition<Input, Output, Aws>,
) {
  async function run(input: unknown, context: TaskContext<Aws>): Promise<v.InferOutput<Output>> {
    try {
      const output = await definition.run(parse(definition.input, input, definition.name), context);
      return parse(definition.output, output, `${definition.name} result`);
    } catch (error) {
      throw shapeError(error);
    }
  }

  let context: TaskContext<Aws> | undefined;
  const log = new DeferredLog(definition.name);
  const handler = middy(async (event: unknown) => {
    context ??= {
      aws: definition.aws(clientSettings()),
      now: () => new Date(),
      config: readConfig(process.env),
      log,
    };
    return await run(event, context);
  })
    .after(() => log.flush())
    .onError(async ({ error }) => {
      log.error(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
      await log.flush();
    });
  return Object.assign(handler, { definition, run });
}
