import * as v from 'valibot';
import type { Events } from '../../account/events/events.ts';
import { type Creator, generatedName, read } from '../stack.ts';
import { requireTrust } from './identity.ts';

/** How often EventBridge repeats a start that fails, unless told. */
const RETRIES = 185;

export const eventRule: Creator = (stack, id, properties) => {
  const schema = v.strictObject({
    Name: v.optional(v.pipe(v.string(), v.maxLength(64))),
    Description: v.optional(v.string()),
    State: v.optional(v.literal('ENABLED')),
    EventPattern: v.record(v.string(), v.unknown()),
    Targets: v.array(
      v.strictObject({
        Id: v.string(),
        Arn: v.pipe(
          v.string(),
          v.regex(/:stateMachine:|:sns:/, 'only state machines and topics are simulated'),
        ),
        RoleArn: v.optional(v.string()),
        InputTransformer: v.optional(
          v.strictObject({ InputPathsMap: v.record(v.string(), v.string()), InputTemplate: v.string() }),
        ),
        RetryPolicy: v.optional(
          v.strictObject({
            MaximumRetryAttempts: v.optional(v.pipe(v.number(), v.maxValue(RETRIES)), RETRIES),
            MaximumEventAgeInSeconds: v.optional(v.number()),
          }),
        ),
        DeadLetterConfig: v.optional(v.strictObject({ Arn: v.string() })),
      }),
    ),
  });
  const { Name, EventPattern, Targets } = read(schema, properties, id);
  const name = Name ?? generatedName(stack, id);
  const arn = stack.account.service<Events>('events', stack.region).putRule({
    name,
    pattern: EventPattern,
    targets: Targets.map(({ Arn, RoleArn = '', RetryPolicy, InputTransformer }) => {
      const retries = RetryPolicy?.MaximumRetryAttempts ?? RETRIES;
      if (!Arn.includes(':sns:'))
        return {
          machineArn: Arn,
          roleName: requireTrust(stack, id, RoleArn, 'events.amazonaws.com'),
          retries,
        };
      const { InputPathsMap: paths = {}, InputTemplate: template = '<event>' } = InputTransformer ?? {};
      return { topicArn: Arn, transformer: { paths, template }, retries };
    }),
  });
  return { ref: name, attributes: { Arn: arn } };
};
