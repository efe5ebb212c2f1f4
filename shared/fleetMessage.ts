import type { FleetReport } from './fleet.ts';

/** Lines of failures in a message, at most: a person reads it on a telephone, the report has all. */
const NAMED = 50;
const SUBJECT = 100; // characters that SNS takes

/** What a person is told of a run, failures first; undefined when the policy does not want to tell. */
export function messageOf(
  { policy, runId, status, counts, failures }: FleetReport,
  notify: 'failures' | 'always' | 'never',
  place: { bucket: string; key: string },
): { subject: string; text: string } | undefined {
  const complete = status === 'complete';
  if (notify === 'never' || (notify === 'failures' && complete)) return undefined;
  const ratio = `${counts.verified} of ${counts.selected} backed up`;
  const lines = [
    `Policy ${policy}, run ${runId}: ${complete ? 'complete' : 'INCOMPLETE'}, ${ratio} in ${counts.regions} ${counts.regions === 1 ? 'Region' : 'Regions'}.`,
    '',
    ...failures.slice(0, NAMED),
    ...(failures.length > NAMED ? [`and ${failures.length - NAMED} more`] : []),
    ...(failures.length > 0 ? [''] : []),
    `Report: s3://${place.bucket}/${place.key}`,
  ];
  return {
    subject: `${complete ? 'Backed up' : 'BACKUPS MISSING'}: ${policy}, ${ratio}`.slice(0, SUBJECT),
    text: lines.join('\n'),
  };
}
