import * as v from 'valibot';
import { allowanceOf, hours, type Watched } from './watched.ts';

/** A start that EventBridge Scheduler gave up, as its message in the queue says. */
export const failedStart = v.object({
  /** ARN of the schedule. */
  schedule: v.optional(v.string(), ''),
  /** ISO 8601: when the run was due. */
  due: v.optional(v.string(), ''),
  error: v.optional(v.string(), ''),
  message: v.optional(v.string(), ''),
});
export type FailedStart = v.InferOutput<typeof failedStart>;

/** A run of a policy that has ended and left its record. */
export interface RunSeen {
  policy: string;
  id: string;
  /** ISO 8601. */
  startedAt: string;
  complete: boolean;
  /** `998 of 1000 backed up`, and the first thing that failed. */
  cameTo: string;
}

/** Something that a person is to hear of, as long as it lasts. */
export interface Problem {
  /** The same for the same thing, whenever it is looked at: `late nightly`. */
  key: string;
  policy: string;
  /** ISO 8601: a complete run that began later ends it; empty: it ends when it is not seen any more. */
  since: string;
  /** What is wrong, one sentence a line. */
  lines: string[];
}

export interface Seen {
  policies: Watched[];
  /** The newest first, back to the last complete one of each policy, as far as that was looked for. */
  runs: RunSeen[];
  failedStarts: FailedStart[];
}

/** What is wrong with the policies of a deployment; of those that want nobody to hear of them, nothing. */
export function problemsOf({ policies, runs, failedStarts }: Seen, now: Date): Problem[] {
  return policies
    .filter(({ policy }) => policy?.notify !== 'never')
    .flatMap((one) => {
      const own = runs.filter(({ policy }) => policy === one.name);
      return [...unreadable(one), ...late(one, own, now.getTime()), ...notStarted(one, own, failedStarts)];
    });
}

function unreadable({ name, fault }: Watched): Problem[] {
  if (fault === undefined) return [];
  const lines = [`its parameter cannot be read: ${fault}`];
  return [{ key: `unreadable ${name}`, policy: name, since: '', lines }];
}

function late({ name, policy, changedAt }: Watched, runs: RunSeen[], now: number): Problem[] {
  const allowance = policy && allowanceOf(policy, now);
  if (!allowance) return [];
  const last = runs.find(({ complete }) => complete);
  const since = Math.max(Date.parse(changedAt), last ? Date.parse(last.startedAt) : 0);
  if (now - since <= allowance.age) return [];
  const age = last ? `, ${hours(now - Date.parse(last.startedAt))} ago` : '';
  const lines = [
    last
      ? `LATE: the last complete run began ${minute(last.startedAt)}${age}, and ${allowance.because}.`
      : `LATE: no complete run is known, and ${allowance.because}.`,
    ...afterwards(runs.slice(0, last && runs.indexOf(last))),
  ];
  return [{ key: `late ${name}`, policy: name, since: last?.startedAt ?? changedAt, lines }];
}

function afterwards(runs: RunSeen[]): string[] {
  const [newest] = runs;
  if (!newest) return ['No run has ended since.'];
  const many =
    runs.length === 1 ? 'One run has ended since,' : `${runs.length} runs have ended since, none complete;`;
  return [
    `${many} ${runs.length === 1 ? 'incomplete' : 'the last'}: ${newest.id}, begun ${minute(newest.startedAt)}: ${newest.cameTo}.`,
  ];
}

/** A complete run that began later makes up for a start that failed. */
function notStarted({ name }: Watched, runs: RunSeen[], failedStarts: FailedStart[]): Problem[] {
  const last = runs.find(({ complete }) => complete)?.startedAt ?? '';
  const own = failedStarts
    .filter(({ schedule, due }) => policyOf(schedule) === name && due > last)
    .sort((a, b) => b.due.localeCompare(a.due));
  const [newest] = own;
  if (!newest) return [];
  const what = newest.schedule.endsWith('.expire') ? 'retention' : 'run';
  const more = own.length > 1 ? `, and ${own.length - 1} more before it` : '';
  const line = `NOT STARTED: the ${what} due ${minute(newest.due)}${more}: ${newest.error}: ${newest.message}`;
  return [{ key: `not started ${name}`, policy: name, since: newest.due, lines: [line] }];
}

/** The policy of a schedule's ARN, `…:schedule/<group>/nightly.expire`. */
function policyOf(schedule: string): string {
  return schedule.split('/').at(-1)?.split('.')[0] ?? '';
}

function minute(instant: string): string {
  return `${instant.slice(0, 16).replace('T', ' ')} UTC`;
}
