import * as v from 'valibot';
import type { Problem } from './problems.ts';

/** What was told and is not known to be over, by the problem's key; `at` is when it was last told, ISO 8601. */
export const told = v.record(v.string(), v.object({ at: v.string(), policy: v.string(), since: v.string() }));
export type Told = v.InferOutput<typeof told>;

/** A problem that lasts is told again after so many hours: at the next look that is a day after the last message. */
const AGAIN = 23;
const HOUR = 3_600_000;
const SUBJECT = 100; // characters that SNS takes

/** A policy that there is, and when its last complete run began. */
interface Known {
  name: string;
  lastComplete?: string;
}

/**
 * Decides whether somebody is to be told now: when something is new, or lasts for a day more, or is over. A message
 * names everything that is wrong, not only what is new. That something is not seen does not make it over: a message in
 * the queue may be hidden, or was deleted by hand.
 */
export function whatToTell(
  problems: readonly Problem[],
  before: Told,
  policies: readonly Known[],
  now: Date,
): { told: Told; message?: { subject: string; text: string } } {
  const keys = new Set(problems.map(({ key }) => key));
  const unseen = Object.entries(before).filter(([key]) => !keys.has(key));
  const isOver = (policy: string, since: string) =>
    policies.every(({ name, lastComplete = '' }) => name !== policy || since === '' || lastComplete > since);
  const lasting = unseen.filter(([, { policy, since }]) => !isOver(policy, since));
  const inTrouble = new Set([...problems, ...lasting.map(([, one]) => one)].map(({ policy }) => policy));
  const over = policies
    .map(({ name }) => name)
    .filter((name) => !inTrouble.has(name) && unseen.some(([, { policy }]) => policy === name));

  const isDue = ({ key }: Problem) => {
    const last = before[key];
    return !last || now.getTime() - Date.parse(last.at) >= AGAIN * HOUR;
  };
  const isTold = problems.some(isDue) || over.length > 0;
  const at = now.toISOString();
  return {
    told: Object.fromEntries([
      ...lasting,
      ...problems.map(({ key, policy, since }) => [key, { at, policy, since }] as const),
    ]),
    ...(isTold && { message: messageOf(problems, over) }),
  };
}

function messageOf(problems: readonly Problem[], over: string[]): { subject: string; text: string } {
  const names = [...new Set(problems.map(({ policy }) => policy))];
  const subject =
    names.length > 0 ? `NOT BACKED UP AS PROMISED: ${names.join(', ')}` : `Well again: ${over.join(', ')}`;
  const lines = [
    ...problems.flatMap(({ policy, lines }) => lines.map((line) => `${policy}: ${line}`)),
    ...over.map((policy) => `${policy}: well again.`),
    ...(names.length > 0 ? ['', 'docs/runbook.md, "A policy is late", says what to do.'] : []),
  ];
  return { subject: subject.slice(0, SUBJECT), text: lines.join('\n') };
}
