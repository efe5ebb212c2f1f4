import * as z from 'zod';
import { CronInvalid, parseCron } from './cron.ts';
import { strictObject } from './strictObject.ts';
import { zoneFault } from './zone.ts';

function cronFault(text: string): string | undefined {
  try {
    parseCron(text);
    return undefined;
  } catch (error) {
    if (error instanceof CronInvalid) return error.message;
    throw error;
  }
}

/**
 * When a schedule fires, in the terms of EventBridge Scheduler: a cron expression of six fields in a time zone, or a
 * rate, which counts from when the schedule was made.
 */
export const schedule = strictObject({
  cron: z
    .string()
    .refine((text) => cronFault(text) === undefined, { error: ({ input }) => cronFault(String(input)) })
    .optional()
    .describe('Six fields: minutes, hours, day of month, month, day of week, year; such as 15 1 * * ? *'),
  rate: z
    .string()
    .regex(
      /^([2-9]|[1-9]\d+) (minutes|hours|days)$|^1 (minute|hour|day)$/,
      'is no rate; write a number and minutes, hours or days, such as 12 hours',
    )
    .optional()
    .describe('A number and minutes, hours or days, such as 12 hours; counts from when it was deployed'),
  timezone: z
    .string()
    .refine((zone) => zoneFault(zone) === undefined, { error: ({ input }) => zoneFault(String(input)) })
    .default('UTC')
    .describe('An IANA name, such as Europe/Vienna'),
  flexibleMinutes: z
    .int()
    .min(0)
    .max(1440)
    .default(0)
    .describe('The start is spread over so many minutes; 0: not at all'),
})
  .refine(
    ({ cron, rate }) => (cron === undefined) !== (rate === undefined),
    'must have either cron or rate, such as { cron: "15 1 * * ? *" }',
  )
  .refine(({ rate, timezone }) => rate === undefined || timezone === 'UTC', {
    path: ['timezone'],
    error: 'means nothing to a rate, which counts from when the schedule was made; leave it out, or use cron',
  });
export type Schedule = z.infer<typeof schedule>;
