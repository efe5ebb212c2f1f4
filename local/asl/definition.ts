import { z } from 'zod';

/** A string that is a JSONata expression, `{% … %}`. */
const expression = z.string().regex(/^\{%[\s\S]*%\}$/, 'must be a JSONata expression, {% … %}');
/** A value in which every string `{% … %}` is evaluated. */
const template = z.json();
const seconds = z.union([z.int().min(1).max(99_999_999), expression]);
const text = z.string().optional();
const common = { Comment: text, QueryLanguage: z.literal('JSONata').optional() };
const leaving = { Output: template.optional(), Assign: z.record(z.string(), template).optional() };
const going = { ...common, ...leaving, Next: text, End: z.literal(true).optional() };

const retrier = z.strictObject({
  Comment: text,
  ErrorEquals: z.array(z.string()).min(1),
  IntervalSeconds: z.int().min(1).max(99_999_999).optional(),
  MaxAttempts: z.int().min(0).max(99_999_999).optional(),
  BackoffRate: z.number().min(1).optional(),
  MaxDelaySeconds: z.int().min(1).max(31_622_399).optional(),
  JitterStrategy: z.enum(['NONE', 'FULL']).optional(),
});
const catcher = z.strictObject({
  Comment: text,
  ErrorEquals: z.array(z.string()).min(1),
  Next: z.string(),
  ...leaving,
});
const handling = { ...going, Retry: z.array(retrier).optional(), Catch: z.array(catcher).optional() };

const task = z.strictObject({
  Type: z.literal('Task'),
  Resource: z.string(),
  Arguments: template.optional(),
  TimeoutSeconds: seconds.optional(),
  HeartbeatSeconds: seconds.optional(),
  ...handling,
});
const rule = z.strictObject({
  Comment: text,
  Condition: z.union([z.boolean(), expression]),
  Next: z.string(),
  ...leaving,
});
const choice = z.strictObject({
  Type: z.literal('Choice'),
  Choices: z.array(rule).min(1),
  Default: text,
  ...common,
  ...leaving,
});
const wait = z.strictObject({
  Type: z.literal('Wait'),
  Seconds: z.union([z.int().min(0).max(99_999_999), expression]).optional(),
  Timestamp: text,
  ...going,
});
const pass = z.strictObject({ Type: z.literal('Pass'), ...going });
const succeed = z.strictObject({ Type: z.literal('Succeed'), ...common, Output: template.optional() });
const fail = z.strictObject({ Type: z.literal('Fail'), Error: text, Cause: text, ...common });
const parallel = z.strictObject({
  Type: z.literal('Parallel'),
  get Branches(): z.ZodType<Flow[]> {
    return z.array(flow).min(1);
  },
  Arguments: template.optional(),
  ...handling,
});
const map = z.strictObject({
  Type: z.literal('Map'),
  Items: z.union([z.array(template), expression]).optional(),
  ItemSelector: template.optional(),
  MaxConcurrency: z.union([z.int().min(0), expression]).optional(),
  get ItemProcessor(): z.ZodType<Flow> {
    return processor;
  },
  ...handling,
});

const state = z.discriminatedUnion('Type', [task, choice, wait, pass, succeed, fail, parallel, map]);
const flow = z.strictObject({
  Comment: text,
  StartAt: z.string(),
  States: z.record(z.string().min(1).max(80), state),
});
const processor = flow.extend({
  ProcessorConfig: z
    .strictObject({ Mode: z.literal('INLINE', 'must be INLINE: a distributed Map is not supported') })
    .optional(),
});

/** What the interpreter understands of the States Language. Whatever is not in it is refused, by name. */
export const definitionSchema = flow.extend({
  QueryLanguage: z.literal('JSONata', 'must be JSONata, at the top of the machine'),
  TimeoutSeconds: z.int().min(1).max(99_999_999).optional(),
  Version: z.literal('1.0').optional(),
});

export type Definition = z.infer<typeof definitionSchema>;
/** States that lead to each other: a machine, a branch, what a Map does with an item. */
export interface Flow {
  Comment?: string | undefined;
  StartAt: string;
  States: Record<string, State>;
}
export type State = z.infer<typeof state>;
/** The state of one type, `StateOf<'Task'>`. */
export type StateOf<Type extends State['Type']> = Extract<State, { Type: Type }>;
export type Retrier = z.infer<typeof retrier>;
export type Catcher = z.infer<typeof catcher>;

/** The flows inside a state. */
export function flowsWithin(inner: State): Flow[] {
  if (inner.Type === 'Parallel') return inner.Branches;
  return inner.Type === 'Map' ? [inner.ItemProcessor] : [];
}
