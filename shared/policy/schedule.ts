import * as v from 'valibot';
import { CronInvalid, parseCron } from './cron.ts';
import { strictObject } from './strictObject.ts';
import { within } from './within.ts';
import { zoneFault } from './zone.ts';

/** Text, with what is wrong with it. */
function text(faultOf: (text: string) => string | undefined) {
  return v.pipe(
    v.string(),
    v.rawCheck(({ dataset, addIssue }) => {
      const message = dataset.typed ? faultOf(dataset.value) : undefined;
      if (message !== undefined) addIssue({ message });
    }),
  );
}

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
export const schedule = v.pipe(
  strictObject({
    cron: v.pipe(
      v.optional(text(cronFault)),
      v.description(
        'Six fields: minutes, hours, day of month, month, day of week, year; such as 15 1 * * ? *',
      ),
    ),
    rate: v.pipe(
      v.optional(
        v.pipe(
          v.string(),
          v.regex(
            /^([2-9]|[1-9]\d+) (minutes|hours|days)$|^1 (minute|hour|day)$/,
            'is no rate; write a number and minutes, hours or days, such as 12 hours',
          ),
        ),
      ),
      v.description(
        'A number and minutes, hours or days, such as 12 hours; counts from when it was deployed',
      ),
    ),
    timezone: v.pipe(
      v.optional(text(zoneFault), 'UTC'),
      v.description('An IANA name, such as Europe/Vienna'),
    ),
    flexibleMinutes: v.pipe(
      v.optional(within(0, 1440, 'minutes'), 0),
      v.description('The start is spread over so many minutes; 0: not at all'),
    ),
  }),
  v.check(
    ({ cron, rate }) => (cron === undefined) !== (rate === undefined),
    'must have either cron or rate, such as { cron: "15 1 * * ? *" }',
  ),
  v.forward(
    v.check(
      ({ rate, timezone }) => rate === undefined || timezone === 'UTC',
      'means nothing to a rate, which counts from when the schedule was made; leave it out, or use cron',
    ),
    ['timezone'],
  ),
);
export type Schedule = v.InferOutput<typeof schedule>;
