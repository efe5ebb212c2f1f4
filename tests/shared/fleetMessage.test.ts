import { expect, test } from '@jest/globals';
import type { FleetReport } from '../../shared/fleet.ts';
import { messageOf } from '../../shared/fleetMessage.ts';

const report: FleetReport = {
  format: 'backup-drill fleet report 1',
  runId: 'nightly-1',
  policy: 'nightly',
  deployment: { name: 'backup-drill-dev', version: '1' },
  startedAt: '2026-01-02T03:04:05.000Z',
  finishedAt: '2026-01-02T04:04:05.000Z',
  status: 'incomplete',
  counts: { regions: 1, selected: 2, verified: 2, failed: 0 },
  failures: [],
  warnings: [],
  missing: [],
  points: [],
  retention: {},
};
const subjectOf = (failures: string[], more: Partial<FleetReport> = {}) =>
  messageOf({ ...report, failures, ...more }, 'failures', { bucket: 'b', key: 'k' })?.subject;

test('the subject says whether backups are missing, or only the retention failed', () => {
  const retention = 'retention: TooManyDeletions: 9 of 9';
  expect(subjectOf([retention])).toBe('RETENTION FAILED: nightly, 2 of 2 backed up');
  expect(subjectOf(['us-east-2: AuthFailure: switched off', retention])).toBe(
    'BACKUPS MISSING: nightly, 2 of 2 backed up',
  );
  expect(subjectOf(['policy nightly selects no instance'])).toMatch(/^BACKUPS MISSING/);
  expect(subjectOf([], { status: 'complete' })).toBeUndefined();
});
