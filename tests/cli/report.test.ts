import { describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { type DrillResult, drillResult } from '../../cli/drillResult.ts';
import { dollars, drillReport, visible } from '../../cli/report.ts';

const plain = (_style: string, text: string) => text;

const POINT = {
  imageId: 'ami-0123456789abcdef0',
  resource: 'i-0123456789abcdef0',
  createdAt: '2026-03-01T04:05:00.000Z',
  consistency: { asked: 'reboot', seen: 'rebooted' },
  snapshots: [
    {
      snapshotId: 'snap-1',
      volumeId: 'vol-1',
      deviceName: '/dev/xvda',
      sizeGiB: 8,
      encrypted: true,
      startTime: '2026-03-01T04:05:00.000Z',
    },
  ],
  fingerprintKey: 'fingerprints/1.json',
};

function result(changes: Partial<DrillResult> = {}): DrillResult {
  return v.parse(drillResult, {
    verdict: 'PASS',
    runId: 'drill-1',
    checks: [
      {
        name: 'contents',
        mandatory: true,
        ran: true,
        passed: true,
        count: 12034,
        summary: 'every entry is as it was',
        failures: [],
      },
      { name: 'nonce', mandatory: true, ran: true, passed: true, count: 3, summary: 'found', failures: [] },
    ],
    rto: {
      seconds: 432,
      objectiveSeconds: 1800,
      steps: [
        { step: 'terminate', seconds: 32 },
        { step: 'restore', seconds: 400 },
      ],
    },
    rpo: { seconds: 190, objectiveSeconds: 3600 },
    recoveryPoint: POINT,
    leftovers: [],
    evidence: { bucket: 'evidence', key: 'drill-1.json' },
    startedAt: '2026-03-01T04:00:00.000Z',
    finishedAt: '2026-03-01T04:20:00.000Z',
    ...changes,
  });
}

describe("a drill's report", () => {
  test('says the verdict, each check with its count, RTO by step, RPO, cost and where the evidence lies', () => {
    const lines = drillReport(
      result(),
      {
        cost: { dollars: 0.0421, parts: { 'states:transition': 0.04, 'lambda:request': 0.00001 } },
        evidence: 'evidence/drill-1.json',
      },
      plain,
    );
    expect(lines).toEqual([
      'PASS  every check passed',
      '',
      '  ✓ contents  12,034  every entry is as it was',
      '  ✓ nonce          3  found',
      '',
      'RTO        7 m 12 s of 30 m 00 s',
      '           terminate        32 s',
      '           restore      6 m 40 s',
      'RPO        3 m 10 s of 1 h 00 m',
      'Point      ami-0123456789abcdef0',
      'Left over  nothing',
      'Cost       $0.0421 (state transitions $0.0400)',
      'Evidence   evidence/drill-1.json',
    ]);
  });

  test('names the failed check, its paths without control characters, a missed objective and what was left', () => {
    const failed = {
      name: 'contents',
      mandatory: true,
      ran: true,
      passed: false,
      count: 2,
      summary: '1 changed',
      failures: ['/data1/a\n\u001b[2Jb: sha256'],
    };
    const lines = drillReport(
      result({
        verdict: 'FAILED',
        checks: [failed],
        rpo: { seconds: 7200, objectiveSeconds: 3600 },
        leftovers: [{ kind: 'volume', id: 'vol-1', state: 'available' }],
      }),
      {},
      plain,
    );
    expect(lines[0]).toBe('FAILED  contents');
    expect(lines).toContain('  ✗ contents  2  1 changed');
    expect(lines).toContain('      /data1/a\\n\\x1b[2Jb: sha256');
    expect(lines).toContain('RPO        2 h 00 m of 1 h 00 m: missed');
    expect(lines).toContain('Left over  volume vol-1, available');
  });

  test("tells of a person's own data whether the manifest holds as much as find counts", () => {
    const data = { directory: 'docs', found: 1204, inManifest: 1204 };
    expect(drillReport(result(), { data }, plain)).toContain(
      'Data       1,204 entries of docs in the manifest, as many as find counts',
    );
    expect(drillReport(result(), { data: { ...data, inManifest: 1203 } }, plain)).toContain(
      'Data       1,203 entries of docs in the manifest, but find counts 1,204',
    );
  });

  test('a drill that restored nothing says so', () => {
    const { rto: _rto, ...rest } = result({ verdict: 'INCONCLUSIVE' });
    expect(drillReport(rest, {}, plain)).toContain('RTO        not measured: nothing was restored');
  });

  test('an estimate says what it leaves out', () => {
    const cost = {
      dollars: 0.01,
      parts: { 'state transitions': 0.01 },
      estimate: '400 state transitions at list price',
    };
    expect(drillReport(result(), { cost }, plain)).toContain(
      'Cost       $0.0100 (400 state transitions at list price)',
    );
  });

  test('dollars and control characters', () => {
    expect([dollars(12.345), dollars(0.00421), visible('a\u007fb\u0085é')]).toEqual([
      '$12.35',
      '$0.0042',
      'a\\x7fb\\x85é',
    ]);
  });
});
