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
  /** Minutes, hours, day of month, month, day of week, year: `15 1 * * ? *`. */
  cron: z
    .string()
    .refine((text) => cronFault(text) === undefined, { error: ({ input }) => cronFault(String(input)) })
    .optional(),
  /** `12 hours`: minutes, hours or days. */
  rate: z
    .string()
    .regex(
      /^([2-9]|[1-9]\d+) (minutes|hours|days)$|^1 (minute|hour|day)$/,
      'is no rate; write a number and minutes, hours or days, such as 12 hours',
    )
    .optional(),
  /** An IANA name, such as Europe/Vienna. */
  timezone: z
    .string()
    .refine((zone) => zoneFault(zone) === undefined, { error: ({ input }) => zoneFault(String(input)) })
    .default('UTC'),
  /** The start is spread over so many minutes; 0: none. */
  flexibleMinutes: z.int().min(0).max(1440).default(0),
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
