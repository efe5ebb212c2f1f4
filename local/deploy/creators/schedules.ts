import * as v from 'valibot';
import { readPolicy } from '../../account/iam/policy.ts';
import type { Scheduler } from '../../account/scheduler/scheduler.ts';
import type { Sqs } from '../../account/sqs/sqs.ts';
import { type Creator, generatedName, read } from '../stack.ts';
import { requireTrust } from './identity.ts';

export const scheduleGroup: Creator = (stack, id, properties) => {
  const schema = v.strictObject({ Name: v.pipe(v.string(), v.maxLength(64)), Tags: v.optional(v.unknown()) });
  const { Name } = read(schema, properties, id);
  const arn = stack.account.service<Scheduler>('scheduler', stack.region).createGroup(Name);
  return { ref: Name, attributes: { Arn: arn } };
};

const scheduleSchema = v.strictObject({
  Name: v.optional(v.string()),
  GroupName: v.optional(v.string(), 'default'),
  Description: v.optional(v.pipe(v.string(), v.maxLength(512))),
  State: v.optional(v.literal('ENABLED')),
  ScheduleExpression: v.string(),
  ScheduleExpressionTimezone: v.optional(v.pipe(v.string(), v.maxLength(50)), 'UTC'),
  FlexibleTimeWindow: v.variant('Mode', [
    v.strictObject({ Mode: v.literal('OFF') }),
    v.strictObject({
      Mode: v.literal('FLEXIBLE'),
      MaximumWindowInMinutes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1440)),
    }),
  ]),
  Target: v.strictObject({
    Arn: v.pipe(
      v.string(),
      v.regex(/^arn:aws[a-z-]*:scheduler:::aws-sdk:sfn:startExecution$/, 'is not simulated'),
    ),
    RoleArn: v.string(),
    Input: v.string(),
    RetryPolicy: v.optional(
      v.strictObject({
        MaximumEventAgeInSeconds: v.optional(
          v.pipe(v.number(), v.integer(), v.minValue(60), v.maxValue(86_400)),
          86_400,
        ),
        MaximumRetryAttempts: v.optional(
          v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(185)),
          185,
        ),
      }),
      {},
    ),
    DeadLetterConfig: v.optional(v.strictObject({ Arn: v.string() })),
  }),
});
const startSchema = v.strictObject({ StateMachineArn: v.string(), Name: v.string(), Input: v.string() });

export const schedule: Creator = (stack, id, properties) => {
  const {
    Name: name = generatedName(stack, id).slice(-64),
    Target: target,
    ...found
  } = read(scheduleSchema, properties, id);
  read(startSchema, JSON.parse(target.Input), id);
  const window = found.FlexibleTimeWindow;
  const arn = stack.account.service<Scheduler>('scheduler', stack.region).createSchedule({
    name,
    group: found.GroupName,
    expression: found.ScheduleExpression,
    timezone: found.ScheduleExpressionTimezone,
    flexibleMinutes: window.Mode === 'FLEXIBLE' ? window.MaximumWindowInMinutes : 0,
    roleName: requireTrust(stack, id, target.RoleArn, 'scheduler.amazonaws.com'),
    input: target.Input,
    maximumAgeSeconds: target.RetryPolicy.MaximumEventAgeInSeconds,
    maximumRetries: target.RetryPolicy.MaximumRetryAttempts,
    ...(target.DeadLetterConfig && { deadLetterArn: target.DeadLetterConfig.Arn }),
  });
  return { ref: name, attributes: { Arn: arn } };
};

export const queue: Creator = (stack, id, properties) => {
  const schema = v.strictObject({
    QueueName: v.optional(v.string()),
    MessageRetentionPeriod: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(60), v.maxValue(1_209_600)),
    ),
    SqsManagedSseEnabled: v.optional(v.literal(true)),
    Tags: v.optional(v.unknown()),
  });
  const { QueueName = generatedName(stack, id) } = read(schema, properties, id);
  const { url, arn } = stack.account.service<Sqs>('sqs', stack.region).createQueue(QueueName);
  return { ref: url, attributes: { Arn: arn, QueueName, QueueUrl: url } };
};

export const queuePolicy: Creator = (stack, id, properties) => {
  const schema = v.object({ Queues: v.array(v.string()), PolicyDocument: v.unknown() });
  const { Queues, PolicyDocument } = read(schema, properties, id);
  for (const url of Queues) {
    const [name, account] = url.split('/').reverse();
    const arn = `arn:${stack.account.partition}:sqs:${stack.region}:${account}:${name}`;
    stack.iam.putResourcePolicy(arn, readPolicy(PolicyDocument, `${id}, PolicyDocument`));
  }
  return { ref: id };
};
