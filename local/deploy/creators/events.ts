import { z } from 'zod';
import type { Events } from '../../account/events/events.ts';
import { type Creator, generatedName, read } from '../stack.ts';
import { requireTrust } from './identity.ts';

/** How often EventBridge repeats a start that fails, unless told. */
const RETRIES = 185;

export const eventRule: Creator = (stack, id, properties) => {
  const schema = z.strictObject({
    Name: z.string().max(64).optional(),
    Description: z.string().optional(),
    State: z.literal('ENABLED').optional(),
    EventPattern: z.record(z.string(), z.unknown()),
    Targets: z.array(
      z.strictObject({
        Id: z.string(),
        Arn: z.string().regex(/:stateMachine:|:sns:/, 'only state machines and topics are simulated'),
        RoleArn: z.string().optional(),
        InputTransformer: z
          .strictObject({ InputPathsMap: z.record(z.string(), z.string()), InputTemplate: z.string() })
          .optional(),
        RetryPolicy: z
          .strictObject({
            MaximumRetryAttempts: z.number().max(RETRIES).default(RETRIES),
            MaximumEventAgeInSeconds: z.number().optional(),
          })
          .optional(),
        DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
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
