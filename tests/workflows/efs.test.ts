import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Efs } from '../../local/account/efs/efs.ts';
import { EFS_EXAMPLE } from '../../local/efsExample.ts';
import { type Asked, idleStatements, isOfEfs, recordOf } from '../contracts/statements.ts';
import { withFpsync } from '../requires.ts';
import { EfsWorld } from './efsWorld.ts';
import type { Outcome } from './world.ts';

const MINUTE = 60_000; // real milliseconds that a test may take on a busy machine

withFpsync('a file system on EFS', () => {
  let efs: EfsWorld;
  let asked: Map<string, Asked>;
  beforeAll(async () => {
    efs = await EfsWorld.start();
    asked = recordOf(efs.world.local);
    for (let number = 0; number < 40; number++) {
      mkdirSync(join(efs.source, `dir${number % 4}`), { recursive: true });
      writeFileSync(join(efs.source, `dir${number % 4}`, `file ${number}`), `content of ${number}\n`);
    }
  }, 5 * MINUTE); // packaging takes its time on a busy machine
  afterAll(async () => await efs?.close());

  const folder = () => join(efs.destination, 'backup-drill', EFS_EXAMPLE.policy);
  const complete = () =>
    readdirSync(folder())
      .filter((name) => existsSync(join(folder(), name, 'COMPLETE')))
      .sort();
  const same = (one: string, other: string) =>
    execFileSync('rsync', [
      '-naHAXS',
      '--checksum',
      '--delete',
      '--itemize-changes',
      `${one}/`,
      `${other}/`,
    ]).toString();
  const succeeded = (outcome: Outcome) =>
    expect({ ...outcome, output: undefined }).toMatchObject({ status: 'SUCCEEDED', error: undefined });

  test(
    'is backed up into a generation that is the same, by a worker that is gone afterwards',
    async () => {
      const { account, region } = efs.world.local;
      await efs.world.pass(300);
      account.service<Efs>('elasticfilesystem', region).useCredits(EFS_EXAMPLE.source, 5_000_000_000);
      await efs.world.pass(300);
      const outcome = await efs.run('efs-backup');
      succeeded(outcome);
      const { verdict, generation, kpis, logs } = outcome.output;
      expect(verdict).toBe('COMPLETE');
      expect(complete()).toEqual([generation]);
      expect(same(efs.source, join(folder(), generation, 'data'))).toBe('');
      expect(kpis).toMatchObject({ files: 40, filesTransferred: 40, filesSampled: 40 });
      expect(kpis.windowShare).toBeLessThan(1);
      expect(kpis).toMatchObject({
        sourceBurstCreditsBefore: 2_303_974_418_329.6, // 2.1 TiB, less what was used
        sourcePermittedThroughput: 104_857_600, // 100 MiB/s
      });
      expect(await efs.leftBehind()).toEqual([]);
      expect(logs.key).toContain(outcome.arn.split(':').at(-1));
      expect(await efs.world.objects('StagingBucket')).toContain(logs.key);
      const points = await efs.world.items('PointsTable');
      expect(points).toMatchObject([
        { resource: 'efs/home', pointId: generation, status: 'verified', files: 40 },
      ]);
      expect(efs.world.published()).toEqual([]); // notify: failures
    },
    2 * MINUTE,
  );

  test(
    'is backed up again, also without CloudWatch: what changed is in the new generation only',
    async () => {
      const error = { code: 'AccessDenied', message: 'not now' };
      efs.world.local.account.faults.add({ service: 'cloudwatch', operation: 'GetMetricData', error });
      const [first = ''] = complete();
      chmodSync(join(efs.source, 'dir1', 'file 1'), 0o600);
      writeFileSync(join(efs.source, 'dir2', 'file 2'), 'edited\n');
      const outcome = await efs.run('efs-backup');
      succeeded(outcome);
      expect(complete()).toHaveLength(2);
      expect(same(efs.source, join(folder(), outcome.output.generation, 'data'))).toBe('');
      expect(readFileSync(join(folder(), first, 'data', 'dir2', 'file 2'), 'utf8')).toBe('content of 2\n');
      expect(outcome.output.kpis.filesTransferred).toBeLessThan(40);
      expect(outcome.output.kpis).not.toHaveProperty('sourceBurstCreditsBefore');
      efs.world.local.account.faults.clear();
    },
    2 * MINUTE,
  );

  test(
    'gets a subtree back, and nothing else is touched',
    async () => {
      const { generation } = (await efs.world.items('RunsTable')).find(
        ({ kind, verdict }) => kind === 'efs-backup' && verdict === 'COMPLETE',
      ) as { generation: string };
      writeFileSync(join(efs.source, 'dir3', 'newer'), 'since the backup\n');
      const target = 'restored here/äö';
      const outcome = await efs.run('efs-restore', { generation, subtree: 'dir3', target });
      succeeded(outcome);
      expect(outcome.output.restored).toMatchObject({
        status: 'restored',
        deletions: 0,
        filesTransferred: 10,
      });
      expect(same(join(folder(), generation, 'data', 'dir3'), join(efs.source, target))).toBe('');
      expect(existsSync(join(efs.source, 'dir3', 'newer'))).toBe(true);
      expect(await efs.leftBehind()).toEqual([]);
      rmSync(join(efs.source, 'restored here'), { recursive: true });
    },
    2 * MINUTE,
  );

  test('gets nothing back from a generation that is not there, and says so', async () => {
    const outcome = await efs.run('efs-restore', { generation: '20200101T000000Z' });
    expect([outcome.status, outcome.error]).toEqual(['FAILED', 'CommandFailed']);
    expect(outcome.cause).toContain('20200101T000000Z');
    const subjects = efs.world.published().map(({ subject }) => subject);
    expect(subjects).toContain('backup-drill: EFS restore home FAILED');
    expect(await efs.leftBehind()).toEqual([]);
  }, 60_000);

  test(
    'is not backed up by two runs at once; the second is refused and changes nothing',
    async () => {
      const first = await efs.begin('efs-backup');
      await efs.worker();
      const second = await efs.run('efs-backup');
      expect([second.status, second.error]).toEqual(['FAILED', 'ResourceBusy']);
      expect(await efs.world.locks()).toEqual(['lock#efs-home']);
      succeeded(await efs.world.end(first));
      await efs.settle();
      expect(await efs.leftBehind()).toEqual([]);
    },
    2 * MINUTE,
  );

  const endings: [string, (arn: string, instanceId: string) => Promise<unknown>, string][] = [
    [
      'whose worker somebody terminates in EC2',
      (_, id) => efs.world.call('ec2', 'TerminateInstances', { InstanceIds: [id] }),
      'FAILED',
    ],
    [
      'whose worker somebody takes out of its group',
      (_, id) =>
        efs.world.call('autoscaling', 'TerminateInstanceInAutoScalingGroup', {
          InstanceId: id,
          ShouldDecrementDesiredCapacity: false,
        }),
      'FAILED',
    ],
    [
      'that is stopped by hand',
      (arn) => efs.world.call('states', 'StopExecution', { executionArn: arn }),
      'ABORTED',
    ],
  ];
  test.each(endings)(
    'is none the worse for a run %s',
    async (_, end, status) => {
      const before = complete();
      const told = efs.world.published().length;
      const arn = await efs.begin('efs-backup');
      await efs.reach(arn, 'WaitForCopy');
      await end(arn, await efs.worker());
      const outcome = await efs.world.end(arn);
      expect(outcome.status).toBe(status);
      if (status === 'FAILED') expect(outcome.error).toBe('WorkerLost');
      await efs.settle();
      expect(await efs.leftBehind()).toEqual([]);
      expect(complete()).toEqual(before);
      const runs = await efs.world.items('RunsTable');
      const runId = arn.split(':').at(-1);
      expect(runs.find(({ id, entry }) => id === runId && entry === 'run')).toMatchObject({
        verdict: 'INCOMPLETE',
      });
      expect(
        efs.world
          .published()
          .slice(told)
          .flatMap(({ subject }) => subject ?? []), // the rule for all machines tells too, without one
      ).toEqual(['backup-drill: EFS backup home INCOMPLETE']);
    },
    2 * MINUTE,
  );

  test(
    'is finished by the run after those',
    async () => {
      const outcome = await efs.run('efs-backup');
      succeeded(outcome);
      expect(same(efs.source, join(folder(), outcome.output.generation, 'data'))).toBe('');
      expect(readdirSync(folder()).filter((name) => name.endsWith('.partial'))).toEqual([]);
    },
    2 * MINUTE,
  );

  test(
    'is listed by the command line, and not mirrored when that deletes more than it may',
    async () => {
      const listed = await efs.commandLine('efs', 'list', EFS_EXAMPLE.policy, '--json');
      expect(
        JSON.parse(listed.stdout).generations.map(({ pointId }: { pointId: string }) => pointId),
      ).toEqual(complete().reverse());
      const unknown = await efs.commandLine('efs', 'list', 'hoem');
      expect(unknown).toEqual({
        status: 2,
        stdout: '',
        stderr: 'backup-drill: efs list "hoem": backup-drill-efs has no such policy\n',
      });
      writeFileSync(join(efs.source, 'dir0', 'not in any generation'), 'newer');
      const words = ['--subtree', 'dir0', '--to', 'dir0', '--mirror', '0'];
      const refused = await efs.commandLine('efs', 'restore', EFS_EXAMPLE.policy, ...words);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toContain('1 would be deleted');
      expect(refused.stderr).toContain('not in any generation');
      expect(refused.stderr).toContain('that is more than 0; nothing was done');
      expect(existsSync(join(efs.source, 'dir0', 'not in any generation'))).toBe(true);
      const allowed = await efs.commandLine('efs', 'restore', EFS_EXAMPLE.policy, ...words.slice(0, -1), '1');
      expect(allowed.status).toBe(0);
      expect(existsSync(join(efs.source, 'dir0', 'not in any generation'))).toBe(false);
      // The run that deletes is of the generation that was listed, not of a later one.
      const restores = (await efs.world.items('RunsTable')).filter(({ kind }) => kind === 'efs-restore');
      const inputs = restores.map(async ({ executionArn }) =>
        JSON.parse((await efs.world.call('states', 'DescribeExecution', { executionArn })).input),
      );
      expect((await Promise.all(inputs)).find(({ mirror }) => mirror === 'yes')).toMatchObject({
        generation: complete().at(-1),
        maxDeletions: 1,
      });
    },
    2 * MINUTE,
  );

  test('that demands IAM mounts is refused by name, before a worker is launched', async () => {
    const { account, region } = efs.world.local;
    const service = account.service<Efs>('elasticfilesystem', region);
    const Statement = [
      { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Action: '*' },
    ];
    service.putPolicy(EFS_EXAMPLE.source, { Version: '2012-10-17', Statement });
    const outcome = await efs.run('efs-backup');
    expect([outcome.status, outcome.error]).toEqual(['FAILED', 'UnsupportedTarget']);
    expect(outcome.cause).toContain(EFS_EXAMPLE.source);
    expect(outcome.cause).toContain('IAM');
    service.putPolicy(EFS_EXAMPLE.source, undefined);
    expect(await efs.leftBehind()).toEqual([]);
  }, 30_000);

  test('needs every statement of its roles', () => {
    const { seen, idle } = idleStatements(efs.world.local, asked, isOfEfs);
    expect(seen).toBeGreaterThan(25);
    expect(idle).toEqual([]);
  });
});
