import * as v from 'valibot';
import type { Json } from './json.ts';

/** A string that is a JSONata expression, `{% … %}`. */
const expression = v.pipe(v.string(), v.regex(/^\{%[\s\S]*%\}$/, 'must be a JSONata expression, {% … %}'));
/** A value in which every string `{% … %}` is evaluated. */
const template = v.custom<Json>((value) => value !== undefined);
const seconds = v.union([v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(99_999_999)), expression]);
const text = v.optional(v.string());
const common = { Comment: text, QueryLanguage: v.optional(v.literal('JSONata')) };
const leaving = { Output: v.optional(template), Assign: v.optional(v.record(v.string(), template)) };
const going = { ...common, ...leaving, Next: text, End: v.optional(v.literal(true)) };

const retrier = v.strictObject({
  Comment: text,
  ErrorEquals: v.pipe(v.array(v.string()), v.minLength(1)),
  IntervalSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(99_999_999))),
  MaxAttempts: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(99_999_999))),
  BackoffRate: v.optional(v.pipe(v.number(), v.minValue(1))),
  MaxDelaySeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(31_622_399))),
  JitterStrategy: v.optional(v.picklist(['NONE', 'FULL'])),
});
const catcher = v.strictObject({
  Comment: text,
  ErrorEquals: v.pipe(v.array(v.string()), v.minLength(1)),
  Next: v.string(),
  ...leaving,
});
const handling = { ...going, Retry: v.optional(v.array(retrier)), Catch: v.optional(v.array(catcher)) };

const task = v.strictObject({
  Type: v.literal('Task'),
  Resource: v.string(),
  Arguments: v.optional(template),
  TimeoutSeconds: v.optional(seconds),
  HeartbeatSeconds: v.optional(seconds),
  ...handling,
});
const rule = v.strictObject({
  Comment: text,
  Condition: v.union([v.boolean(), expression]),
  Next: v.string(),
  ...leaving,
});
const choice = v.strictObject({
  Type: v.literal('Choice'),
  Choices: v.pipe(v.array(rule), v.minLength(1)),
  Default: text,
  ...common,
  ...leaving,
});
const wait = v.strictObject({
  Type: v.literal('Wait'),
  Seconds: v.optional(
    v.union([v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(99_999_999)), expression]),
  ),
  Timestamp: text,
  ...going,
});
const pass = v.strictObject({ Type: v.literal('Pass'), ...going });
const succeed = v.strictObject({ Type: v.literal('Succeed'), ...common, Output: v.optional(template) });
const fail = v.strictObject({ Type: v.literal('Fail'), Error: text, Cause: text, ...common });
const parallel = v.strictObject({
  Type: v.literal('Parallel'),
  Branches: v.lazy((): v.GenericSchema<Flow[]> => v.pipe(v.array(flow), v.minLength(1))),
  Arguments: v.optional(template),
  ...handling,
});
const map = v.strictObject({
  Type: v.literal('Map'),
  Items: v.optional(v.union([v.array(template), expression])),
  ItemSelector: v.optional(template),
  MaxConcurrency: v.optional(v.union([v.pipe(v.number(), v.integer(), v.minValue(0)), expression])),
  ItemProcessor: v.lazy((): v.GenericSchema<Flow> => processor),
  ...handling,
});

const state = v.variant('Type', [task, choice, wait, pass, succeed, fail, parallel, map]);
const flow = v.strictObject({
  Comment: text,
  StartAt: v.string(),
  States: v.record(v.pipe(v.string(), v.minLength(1), v.maxLength(80)), state),
});
const processor = v.strictObject({
  ...flow.entries,
  ProcessorConfig: v.optional(
    v.strictObject({ Mode: v.literal('INLINE', 'must be INLINE: a distributed Map is not supported') }),
  ),
});

/** What the interpreter understands of the States Language. Whatever is not in it is refused, by name. */
export const definitionSchema = v.strictObject({
  ...flow.entries,
  QueryLanguage: v.literal('JSONata', 'must be JSONata, at the top of the machine'),
  TimeoutSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(99_999_999))),
  Version: v.optional(v.literal('1.0')),
});

export type Definition = v.InferOutput<typeof definitionSchema>;
/** States that lead to each other: a machine, a branch, what a Map does with an item. */
export interface Flow {
  Comment?: string | undefined;
  StartAt: string;
  States: Record<string, State>;
}
export type State = v.InferOutput<typeof state>;
/** The state of one type, `StateOf<'Task'>`. */
export type StateOf<Type extends State['Type']> = Extract<State, { Type: Type }>;
export type Retrier = v.InferOutput<typeof retrier>;
export type Catcher = v.InferOutput<typeof catcher>;

/** The flows inside a state. */
export function flowsWithin(inner: State): Flow[] {
  if (inner.Type === 'Parallel') return inner.Branches;
  return inner.Type === 'Map' ? [inner.ItemProcessor] : [];
}
