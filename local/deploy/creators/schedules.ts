import { z } from 'zod';
import { readPolicy } from '../../account/iam/policy.ts';
import type { Scheduler } from '../../account/scheduler/scheduler.ts';
import type { Sqs } from '../../account/sqs/sqs.ts';
import { type Creator, generatedName, read } from '../stack.ts';
import { requireTrust } from './identity.ts';

export const scheduleGroup: Creator = (stack, id, properties) => {
  const schema = z.strictObject({ Name: z.string().max(64), Tags: z.unknown().optional() });
  const { Name } = read(schema, properties, id);
  const arn = stack.account.service<Scheduler>('scheduler', stack.region).createGroup(Name);
  return { ref: Name, attributes: { Arn: arn } };
};

const scheduleSchema = z.strictObject({
  Name: z.string().optional(),
  GroupName: z.string().default('default'),
  Description: z.string().max(512).optional(),
  State: z.literal('ENABLED').optional(),
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.string().max(50).default('UTC'),
  FlexibleTimeWindow: z.discriminatedUnion('Mode', [
    z.strictObject({ Mode: z.literal('OFF') }),
    z.strictObject({
      Mode: z.literal('FLEXIBLE'),
      MaximumWindowInMinutes: z.number().int().min(1).max(1440),
    }),
  ]),
  Target: z.strictObject({
    Arn: z.string().regex(/^arn:aws[a-z-]*:scheduler:::aws-sdk:sfn:startExecution$/, 'is not simulated'),
    RoleArn: z.string(),
    Input: z.string(),
    RetryPolicy: z
      .strictObject({
        MaximumEventAgeInSeconds: z.number().int().min(60).max(86_400).default(86_400),
        MaximumRetryAttempts: z.number().int().min(0).max(185).default(185),
      })
      .prefault({}),
    DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
  }),
});
const startSchema = z.strictObject({ StateMachineArn: z.string(), Name: z.string(), Input: z.string() });

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
  const schema = z.strictObject({
    QueueName: z.string().optional(),
    MessageRetentionPeriod: z.number().int().min(60).max(1_209_600).optional(),
    SqsManagedSseEnabled: z.literal(true).optional(),
    Tags: z.unknown().optional(),
  });
  const { QueueName = generatedName(stack, id) } = read(schema, properties, id);
  const { url, arn } = stack.account.service<Sqs>('sqs', stack.region).createQueue(QueueName);
  return { ref: url, attributes: { Arn: arn, QueueName, QueueUrl: url } };
};

export const queuePolicy: Creator = (stack, id, properties) => {
  const schema = z.object({ Queues: z.array(z.string()), PolicyDocument: z.unknown() });
  const { Queues, PolicyDocument } = read(schema, properties, id);
  for (const url of Queues) {
    const [name, account] = url.split('/').reverse();
    const arn = `arn:${stack.account.partition}:sqs:${stack.region}:${account}:${name}`;
    stack.iam.putResourcePolicy(arn, readPolicy(PolicyDocument, `${id}, PolicyDocument`));
  }
  return { ref: id };
};
