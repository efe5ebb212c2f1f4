import * as z from 'zod';
import type { Problem } from './problems.ts';

/** What was told, by the problem's key: when last, ISO 8601, and of which policy. */
export const told = z.record(z.string(), z.object({ at: z.string(), policy: z.string() }));
export type Told = z.infer<typeof told>;

/** A problem that lasts is told again after so many hours: at the next look that is a day after the last message. */
const AGAIN = 23;
const HOUR = 3_600_000;
const SUBJECT = 100; // characters that SNS takes

/**
 * Decides whether somebody is to be told now: when something is new, or lasts for a day more, or is over. A message
 * names everything that is wrong, not only what is new. @param policies names of those that there are
 */
export function whatToTell(
  problems: readonly Problem[],
  before: Told,
  policies: readonly string[],
  now: Date,
): { told: Told; message?: { subject: string; text: string } } {
  const isDue = ({ key }: Problem) => {
    const last = before[key];
    return !last || now.getTime() - Date.parse(last.at) >= AGAIN * HOUR;
  };
  const inTrouble = new Set(problems.map(({ policy }) => policy));
  const over = [...new Set(Object.values(before).map(({ policy }) => policy))].filter(
    (policy) => policies.includes(policy) && !inTrouble.has(policy),
  );
  const at = now.toISOString();
  if (problems.some(isDue))
    return {
      told: Object.fromEntries(problems.map(({ key, policy }) => [key, { at, policy }])),
      message: messageOf(problems, over),
    };
  const kept = problems.flatMap(({ key }) => (before[key] ? [[key, before[key]] as const] : []));
  return {
    told: Object.fromEntries(kept),
    ...(over.length > 0 && { message: messageOf(problems, over) }),
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
