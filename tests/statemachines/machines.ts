import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { ServiceFactory } from '../../local/account/account.ts';
import { type FakeFunction, fake, fakeLambda, REGION, type World, world } from '../local/asl/world.ts';

const folder = new URL('../../statemachines/', import.meta.url);

/** The functions of one test by name, `CreateImage`; each call is noted. */
export type Functions = Record<string, FakeFunction>;

/** What a machine came to, and which functions it called with what, in order. */
export interface Outcome {
  status: string;
  // biome-ignore lint/suspicious/noExplicitAny: every machine has its own output
  output: any;
  error: string | undefined;
  cause: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: every function has its own event
  calls: { name: string; event: any }[];
  /** Subjects of what was published. */
  published: string[];
}

/** A machine of the repository with these functions behind it, run to its end. `machines` are those that it starts. */
export async function runMachine(
  name: string,
  functions: Functions,
  input: unknown,
  machines: string[] = [],
  topic: { publish?: FakeFunction; services?: Record<string, ServiceFactory> } = {},
): Promise<Outcome> {
  const calls: Outcome['calls'] = [];
  const noted = Object.entries(functions).map(([key, run]) => [
    key,
    // biome-ignore lint/suspicious/noExplicitAny: every function has its own event
    (event: any) => {
      calls.push({ name: key, event });
      return run(event);
    },
  ]);
  const published: string[] = [];
  const publish = (message: { Subject: string }) => {
    topic.publish?.(message);
    published.push(message.Subject);
    return { MessageId: 'm' };
  };
  const sns = fake('sns', { Publish: publish });
  const cloudwatch = fake('cloudwatch', { GetMetricData: () => ({ MetricDataResults: [] }) });
  const lambda = fakeLambda(Object.fromEntries(noted));
  const made = world({ lambda, sns, cloudwatch, ...topic.services });
  for (const each of machines) create(made, each);
  const executionArn = await made.start(create(made, name), input, 'run-1');
  await made.states.ended(executionArn);
  const { status, output, error, cause } = await made.describe(executionArn);
  return {
    status: status ?? '',
    output: output === undefined ? undefined : JSON.parse(output),
    error,
    cause,
    calls,
    published,
  };
}

function create(made: World, name: string): string {
  const text = readFileSync(new URL(`${name}.asl.yml`, folder), 'utf8');
  const definition = resolve(parse(text, { merge: true, maxAliasCount: -1 }), made);
  return made.states.createStateMachine({ name, definition, roleName: `${name}-role` });
}

/** The definition as CloudFormation resolves it: a function's ARN is its name here. */
function resolve(value: unknown, made: World): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, made));
  if (typeof value !== 'object' || value === null) return value;
  if ('Fn::GetAtt' in value) return String([value['Fn::GetAtt']].flat(2)[0]).replace('LambdaFunction', '');
  if ('Ref' in value) return reference(String(value.Ref), made);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner, made)]));
}

function reference(id: string, { account }: World): string {
  if (!id.endsWith('StateMachine')) return id;
  const name = id
    .replace('StateMachine', '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, '-')
    .toLowerCase();
  return `arn:aws:states:${REGION}:${account.id}:stateMachine:${name}`;
}
