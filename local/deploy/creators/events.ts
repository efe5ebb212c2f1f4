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
        Arn: z.string().regex(/:stateMachine:/, 'only state machines are simulated'),
        RoleArn: z.string(),
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
    targets: Targets.map((target) => ({
      machineArn: target.Arn,
      roleName: requireTrust(stack, id, target.RoleArn, 'events.amazonaws.com'),
      retries: target.RetryPolicy?.MaximumRetryAttempts ?? RETRIES,
    })),
  });
  return { ref: name, attributes: { Arn: arn } };
};
