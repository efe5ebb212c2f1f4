import { describe, expect, test } from '@jest/globals';
import { pointsTable } from '../../../cli/commands/points.ts';
import { rebuiltLines } from '../../../cli/commands/rebuild.ts';
import { restoreReport } from '../../../cli/commands/restore.ts';
import { runsTable } from '../../../cli/commands/runs.ts';

const plain = (_style: string, text: string) => text;

describe('lists for a person', () => {
  test('runs, with how long they took and what came of them', () => {
    const run = { id: 'drill-1', kind: 'drill', startedAt: '2026-03-01T04:00:00.000Z' };
    expect(
      runsTable([
        { ...run, finishedAt: '2026-03-01T04:20:00.000Z', verdict: 'PASS', rto: { seconds: 432 } },
        run,
      ]),
    ).toEqual([
      'RUN      KIND   STARTED                  TOOK       VERDICT  RTO',
      'drill-1  drill  2026-03-01 04:00:00 UTC  20 m 00 s  PASS     7 m 12 s',
      'drill-1  drill  2026-03-01 04:00:00 UTC',
    ]);
    expect(runsTable([])).toEqual(['No run is recorded yet; backup-drill drill makes one.']);
  });

  test('recovery points, with when they were validated', () => {
    const point = {
      pointId: 'ami-1',
      resource: 'i-1',
      createdAt: '2026-03-01T04:00:00.000Z',
      consistency: { asked: 'reboot', seen: 'rebooted' },
      status: 'verified',
    };
    expect(pointsTable([point])).toEqual([
      'POINT  OF   TAKEN                    CONSISTENCY  STATUS    VALIDATED',
      'ami-1  i-1  2026-03-01 04:00:00 UTC  rebooted     verified  never',
    ]);
    expect(pointsTable([])).toEqual(['No recovery point is recorded.']);
  });

  test('a rebuild, with the policies that are gone', () => {
    const policiesGone = [
      { policy: 'former', points: 1 },
      { policy: 'older', points: 3 },
    ];
    const found = { regions: ['eu-west-1', 'us-east-1'], points: 14, written: 1, removed: 2, policiesGone };
    expect(rebuiltLines(found)).toEqual([
      '14 recovery points by their tags in 2 Regions: 1 line written, 2 removed',
      'Policy former is gone; its 1 point stays until somebody deletes it',
      'Policy older is gone; its 3 points stay until somebody deletes them',
    ]);
  });

  test('a restore, with what differs from the original', () => {
    const restored = {
      instanceId: 'i-2',
      imageId: 'ami-1',
      launchedAt: '2026-03-01T04:00:00.000Z',
      runningAt: '2026-03-01T04:00:15.000Z',
      statusOkAt: '2026-03-01T04:02:00.000Z',
      onlineAt: null,
      volumes: [{ volumeId: 'vol-1', deviceName: '/dev/xvda', snapshotId: 'snap-1' }],
      fingerprint: {
        matches: false,
        differences: [
          { field: 'subnetId', expected: 'subnet-1', actual: 'subnet-2', onPurpose: true },
          { field: 'hopLimit', expected: 1, actual: 2, onPurpose: false },
        ],
      },
    };
    expect(restoreReport(restored, plain)).toEqual([
      'i-2 from ami-1',
      'running after 15 s, status checks after 2 m 00 s, agent: not seen',
      '',
      'DEVICE     VOLUME  FROM',
      '/dev/xvda  vol-1   snap-1',
      '',
      'subnetId: subnet-2, was subnet-1 (on purpose)',
      'hopLimit: 2, was 1',
    ]);
    expect(
      restoreReport({ ...restored, fingerprint: { matches: true, differences: [] } }, plain).at(-1),
    ).toBe('Launched as the original was.');
  });
});
