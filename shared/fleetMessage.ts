import { type FleetReport, RETENTION } from './fleet.ts';

/** Lines of failures, and of warnings, in a message, at most: a person reads it on a telephone, the report has all. */
const NAMED = 50;
const SUBJECT = 100; // characters that SNS takes

/** What a person is told of a run, failures first; undefined when the policy does not want to tell. */
export function messageOf(
  { policy, runId, status, counts, failures, warnings }: FleetReport,
  notify: 'failures' | 'always' | 'never',
  place: { bucket: string; key: string },
): { subject: string; text: string } | undefined {
  const complete = status === 'complete';
  if (notify === 'never' || (notify === 'failures' && complete)) return undefined;
  const ratio = `${counts.verified} of ${counts.selected} backed up`;
  const lines = [
    `Policy ${policy}, run ${runId}: ${complete ? 'complete' : 'INCOMPLETE'}, ${ratio} in ${counts.regions} ${counts.regions === 1 ? 'Region' : 'Regions'}.`,
    '',
    ...named(failures),
    ...named(warnings.map((line) => `Warning: ${line}`)),
    `Report: s3://${place.bucket}/${place.key}`,
  ];
  return {
    subject: `${headline(complete, failures)}: ${policy}, ${ratio}`.slice(0, SUBJECT),
    text: lines.join('\n'),
  };
}

function named(lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const more = lines.length > NAMED ? [`and ${lines.length - NAMED} more`] : [];
  return [...lines.slice(0, NAMED), ...more, ''];
}

/** Whoever reads no more than the subject must not look for backups that are there. */
function headline(complete: boolean, failures: readonly string[]): string {
  if (complete) return 'Backed up';
  return failures.every((line) => line.startsWith(RETENTION)) ? 'RETENTION FAILED' : 'BACKUPS MISSING';
}
