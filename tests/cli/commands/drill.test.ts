import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const SECONDS = 1000;

/** Runs a drill as a person does, from a directory of its own. */
function drill(cwd: string, ...words: string[]) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
    const args = [resolve('cli/backup-drill.ts'), 'drill', ...words];
    execFile(
      process.execPath,
      args,
      { cwd, env: { PATH: process.env.PATH, HOME: cwd } },
      (error, stdout, stderr) => done({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

describe('a drill from the command line', () => {
  let place = '';
  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), 'backup-drill-test-'));
  });
  afterAll(() => rmSync(place, { recursive: true, force: true }));

  test(
    "tells everything in one JSON object, counts a person's own data, and leaves the evidence here",
    async () => {
      mkdirSync(join(place, 'mine/-dash'), { recursive: true });
      writeFileSync(Buffer.concat([Buffer.from(`${place}/mine/`), Buffer.from([0xff, 0x0a])]), 'an odd name');
      const { code, stdout, stderr } = await drill(place, '--json', '--data', 'mine', '--rto', '20m');
      expect(stderr).toContain('back up');
      const told = JSON.parse(stdout);
      expect(told).toMatchObject({
        verdict: 'PASS',
        rto: { objectiveSeconds: 1200 },
        rpo: { objectiveSeconds: 3600 },
        recoveryPoint: { imageId: expect.stringMatching(/^ami-/) },
        leftovers: [],
        execution: { status: 'SUCCEEDED' },
        data: { directory: 'mine', found: 3, inManifest: 3 },
        evidence: expect.stringMatching(/^\.backup-drill\/evidence\/drill-.*\.json$/),
        isolation: expect.stringMatching(/^(namespace|user-namespace|root-parameter)$/),
      });
      expect(code).toBe(0);
      expect(JSON.parse(readFileSync(join(place, told.evidence), 'utf8'))).toMatchObject({ verdict: 'PASS' });
      expect(told.checks.every((check: { passed: boolean }) => check.passed)).toBe(true);
      expect(told.cost.dollars).toBeGreaterThan(0);
      // No wait lags behind by more than a tenth of what is waited for, nor the whole recovery behind the physics.
      expect(told.criticalPath.overhead).toBeGreaterThanOrEqual(0);
      expect(told.criticalPath.overhead).toBeLessThanOrEqual(0.1);
      expect(told.detection.length).toBeGreaterThan(10);
    },
    120 * SECONDS,
  );
});
