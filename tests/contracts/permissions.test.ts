import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Ec2Service } from '../../local/account/ec2/ec2.ts';
import type { Statement } from '../../local/account/iam/policy.ts';
import type { UnusedStatement } from '../../local/account/iam/usage.ts';
import type { Scheduler } from '../../local/account/scheduler/scheduler.ts';
import type { Sqs } from '../../local/account/sqs/sqs.ts';
import type { SsmService } from '../../local/account/ssm/ssm.ts';
import { PackagedWorld } from './permissionsWorld.ts';
import { type Asked, idleStatements, isOfEfs, recordOf } from './statements.ts';

/** What no run can use here, and why it is there all the same. The action, and the role without stage and Region. */
const NOT_USED_HERE: Record<string, string> = {
  'sandbox ssmmessages:CreateControlChannel': 'the agent is simulated up to its first word',
  'sandbox ssmmessages:CreateDataChannel': 'the agent is simulated up to its first word',
  'sandbox ssmmessages:OpenControlChannel': 'the agent is simulated up to its first word',
  'sandbox ssmmessages:OpenDataChannel': 'the agent is simulated up to its first word',
  'launchSource kms:ReEncrypt*': "on the list that EBS's documentation asks of who encrypts volumes",
  'launchFromPoint kms:ReEncrypt*': "on the list that EBS's documentation asks of who encrypts volumes",
  'launchFromPoint ec2:RunInstances key-pair/*': 'no key pair can be made in the local account',
};

const FULL = process.env.TEST_FULL === '1';

let world: PackagedWorld;
let asked: Map<string, Asked>;
/** The instance that is backed up. */
let source: { instanceId: string; paths: string[] };

beforeAll(async () => {
  world = await PackagedWorld.start();
  asked = recordOf(world.local);
}, 120_000);
afterAll(async () => await world.close());

function named({ role, action, resource }: UnusedStatement): string {
  const who = role.replace(/^backup-drill-dev-/, '').replace(/-eu-west-1(-lambdaRole)?$/, '');
  return `${who} ${action}${resource.endsWith('key-pair/*') ? ' key-pair/*' : ''}`;
}

/** Waits until an execution has entered a state. */
async function reach(arn: string, state: string): Promise<void> {
  while (!(await world.entered(arn)).includes(state)) await world.local.account.clock.sleep(2000);
}

/** A tar in the staging bucket, as the command line uploads it. */
async function upload(): Promise<{ bucket: string; key: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'backup-drill-'));
  writeFileSync(join(directory, 'ledger.txt'), 'what a user keeps\n');
  const Body = execFileSync('tar', ['-C', directory, '-cf', '-', 'ledger.txt']);
  const at = { bucket: world.local.refs.StagingBucket ?? '', key: 'data/data.tar' };
  await world.call('s3', 'PutObject', { Bucket: at.bucket, Key: at.key, Body: [Body] });
  return at;
}

describe('no statement is idle', () => {
  test('a drill with data of its own passes, though throttled after its image has begun, and locks another out', async () => {
    world.local.account.faults.add({
      service: 'dynamodb',
      operation: 'UpdateItem',
      error: { code: 'ThrottlingException', message: 'Rate exceeded' },
      when: ({ Key }) => Key.entry.S.startsWith('made#image'),
    });
    const first = await world.begin('DrDrill', { consistency: 'stop', data: await upload() });
    await reach(first.arn, 'OpenEndpoints');
    const second = await world.run('DrDrill', {});
    expect(second).toMatchObject({ status: 'FAILED', error: 'ResourceBusy' });
    expect(second.cause).toContain(first.runId);
    expect((await world.end(first.arn, first.runId)).output.verdict).toBe('PASS');
    expect(await world.leftBehind(first.runId)).toEqual([]);
  }, 120_000);

  if (FULL)
    test.each(['reboot', 'none'])(
      'a drill with consistency %s passes',
      async (consistency) => {
        expect((await world.run('DrDrill', { consistency })).output.verdict).toBe('PASS');
      },
      120_000,
    );

  test('a drill that is stopped stops what it has started', async () => {
    const { arn, runId } = await world.begin('DrDrill', {});
    await reach(arn, 'ReadSeededManifest');
    await world.call('states', 'StopExecution', { executionArn: arn });
    expect((await world.end(arn, runId)).status).toBe('ABORTED');
    await world.local.account.clock.sleep(1000);
    expect(await running('RunCommand')).toEqual([]);
    await world.tidy(runId);
    expect(await world.leftBehind(runId)).toEqual([]);
  }, 120_000);

  test('a backup is kept, restored where it was with another role, and stopped in its midst', async () => {
    source = await world.source();
    const { instanceId } = source;
    world.ec2.registerInstanceProfile('web', 'web-role');
    const { output } = await world.run('AmiBackup', { instanceId, consistency: 'reboot' });
    const restored = await world.run('Restore', {
      imageId: output.recoveryPoint.imageId,
      isolated: false,
      online: false,
      overrides: { instanceProfile: 'web', privateIpAddress: 'auto' },
    });
    expect(restored.status).toBe('SUCCEEDED');
    expect((await world.instance(restored.output.instanceId)).IamInstanceProfile.Arn).toMatch(/\/web$/);
    const { arn, runId } = await world.begin('AmiBackup', { instanceId });
    await reach(arn, 'InspectInstance');
    await world.call('states', 'StopExecution', { executionArn: arn });
    expect((await world.end(arn, runId)).status).toBe('ABORTED');
    await world.local.account.clock.sleep(1000);
    expect(await running('RunCommand')).toEqual([]);
    await world.call('ec2', 'TerminateInstances', { InstanceIds: [restored.output.instanceId] });
    await world.tidy(runId);
  }, 120_000);

  test('policies back instances up one by one, with documents; a run that is stopped stops all it has started', async () => {
    const { account, region } = world.local;
    const { instanceId, paths } = source;
    const document = (content: string) => ({
      schemaVersion: '2.2',
      mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs: { runCommand: [content] } }],
    });
    const ssm = account.service<SsmService>('ssm', region);
    ssm.createDocument('rest', document('echo resting'), { 'backup-drill:application': 'allowed' });
    for (const capture of ['ami', 'snapshots'])
      world.havePolicy(`one-${capture}`, {
        capture,
        consistency: 'none',
        keep: { days: 1 },
        select: { ids: [instanceId] },
        documents: { before: 'rest' },
        validate: { paths },
      });
    const [first, second] = [
      await world.run('PolicyRun', { policy: 'one-ami' }),
      await world.run('PolicyRun', { policy: 'one-snapshots' }),
    ];
    for (const { output, cause } of [first, second])
      expect(output?.counts ?? cause).toMatchObject({ verified: 1 });
    const batch = { runId: first.runId, name: `${region}-0` };
    const again = await world.invoke('CaptureInstance', { batch, instanceId });
    expect(again.imageId).toMatch(/^ami-/);
    const sets = { runId: second.runId, name: `${region}-0` };
    expect((await world.invoke('CaptureInstance', { batch: sets, instanceId })).ids).toHaveLength(3);

    const { arn, runId } = await world.begin('PolicyRun', { policy: 'one-ami' });
    while ((await running('RunCommand')).length === 0) await account.clock.sleep(500);
    await world.call('states', 'StopExecution', { executionArn: arn });
    expect((await world.end(arn, runId)).status).toBe('ABORTED');
    await account.clock.sleep(1000);
    for (const machine of ['BatchBackup', 'AmiBackup', 'RunCommand'])
      expect(await running(machine)).toEqual([]);
    await world.tidy(runId);
    await world.tidy('world');
    expect(await world.leftBehind('world')).toEqual([]);
  }, 120_000);

  test('a volume that its instance has left behind is cleaned up', async () => {
    const runId = 'abandoned';
    const { local } = world;
    const Tags = [
      { Key: 'backup-drill:deployment', Value: 'backup-drill-dev' },
      { Key: 'backup-drill:run', Value: runId },
    ];
    const { Parameter } = await world.call('ssm', 'GetParameter', {
      Name: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64',
    });
    const { Instances } = await world.call('ec2', 'RunInstances', {
      ImageId: Parameter.Value,
      InstanceType: 't4g.small',
      MinCount: 1,
      MaxCount: 1,
      SubnetId: local.refs.SandboxSubnet,
      BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 1, DeleteOnTermination: false } }],
      TagSpecifications: [{ ResourceType: 'volume', Tags }],
    });
    await local.account.clock.sleep(60_000);
    await world.call('ec2', 'TerminateInstances', { InstanceIds: [Instances[0].InstanceId] });
    await local.account.clock.sleep(120_000);
    expect(await world.leftBehind(runId)).toHaveLength(1);
    await world.tidy(runId);
    expect(await world.leftBehind(runId)).toEqual([]);
  }, 60_000);

  test('a policy for every Region is read, and a wrong name is told', async () => {
    world.havePolicy('wide', { capture: 'ami', keep: { days: 1 }, select: { regions: '*' } });
    const read = (name: string) =>
      world.invoke('ReadPolicy', { input: { policy: name }, executionName: 'x' });
    expect((await read('wide')).regions).toContain('us-east-1');
    await expect(read('wdie')).rejects.toThrow(/there is nightly, .*wide/);
  });

  test('a schedule starts its run, and leaves word where it cannot', async () => {
    const { account, region } = world.local;
    const scheduler = account.service<Scheduler>('scheduler', region);
    await scheduler.fire('nightly');
    account.faults.add({
      service: 'states',
      operation: 'StartExecution',
      error: { code: 'AccessDeniedException', message: 'not authorized' },
      times: 1,
    });
    await scheduler.fire('nightly');
    const queue = world.local.refs.FailedStartsQueue ?? '';
    expect(account.service<Sqs>('sqs', region).messages(queue)).toHaveLength(1);
  });

  test('the watch tells of the start that failed, and remembers that it did', async () => {
    const problems = [expect.stringMatching(/^nightly: NOT STARTED: .*AccessDeniedException/)];
    expect((await world.run('PolicyWatch', {})).output).toMatchObject({ problems });
    await world.local.account.service<Scheduler>('scheduler', world.local.region).fire('policies.watch');
    const again = await world.run('PolicyWatch', {});
    expect(again.entered).not.toContain('Tell');
  });

  test('a retention adopts, plans, deletes, sweeps and reports; one that is too much tells', async () => {
    const { account, region } = world.local;
    const put = (name: string, more: object) =>
      world.havePolicy(name, { capture: 'ami', keep: { count: 1 }, ...more });
    const former = (days: number, capture: 'ami' | 'snapshots', more: Record<string, string>) => {
      const at = account.clock.now() - days * 24 * 3600 * 1000;
      const tags = { 'backup-drill:status': 'verified', 'backup-drill:resource': 'i-1', ...more };
      return account
        .service<Ec2Service>('ec2', region)
        .seedPoints([{ capture, instanceId: 'i-0123456789abcdef0', at, tags }])[0];
    };
    const ours = (policy: string) => ({
      'backup-drill:deployment': 'backup-drill-dev',
      'backup-drill:policy': policy,
    });
    put('expiring', { maxDeletions: { percent: 100 }, adopt: { tags: { Backup: 'old' } } });
    former(9, 'ami', { Backup: 'old' });
    former(9, 'snapshots', { Backup: 'old', Instance: 'i-0123456789abcdef0' });
    for (const days of [1, 5]) former(days, 'ami', ours('expiring'));
    for (const days of [1, 5])
      former(days, 'snapshots', {
        ...ours('expiring'),
        'backup-drill:set': `${days}/i-2`,
        'backup-drill:resource': 'i-2',
      });
    const orphan = former(9, 'ami', ours('expiring'));
    await world.call('ec2', 'DeregisterImage', { ImageId: orphan?.imageId });
    expect((await world.run('Retention', { policy: 'expiring', dryRun: true })).status).toBe('SUCCEEDED');
    const { output } = await world.run('Retention', { policy: 'expiring' });
    expect(output).toMatchObject({ status: 'complete', counts: { deleted: 3, refused: 0, orphans: 2 } });
    expect((await world.run('RebuildIndex', {})).output.points).toBeGreaterThan(0);
    put('too-much', { maxDeletions: { percent: 1 } });
    for (const days of [1, 5]) former(days, 'ami', ours('too-much'));
    expect((await world.run('Retention', { policy: 'too-much' })).error).toBe('TooManyDeletions');
  }, 60_000);

  test('policies back fleets up in bursts, of which one is lost and one is refused', async () => {
    const { account, refs } = world.local;
    const [, busy = ''] = world.ec2.seedFleet({ count: 3, tags: { fleet: 'burst' }, userData: 'echo hello' });
    const marks = { Done: '{run}' };
    for (const capture of ['ami', 'snapshots'])
      world.havePolicy(`burst-${capture}`, {
        capture,
        consistency: 'none',
        keep: { days: 1 },
        select: { tags: { fleet: 'burst' } },
        copyTags: { instance: true },
        markDone: { instance: marks, volume: marks },
      });
    /** The answer of a burst is lost; by then the list was written by the selection and before the burst. */
    const loseBurst = () =>
      account.faults.add({
        service: 's3',
        operation: 'PutObject',
        error: { code: 'ThrottlingException', message: 'slow down' },
        when: ({ Key }) => Key.endsWith('/eu-west-1-0.json.gz'),
        after: 2,
        times: 3,
      });
    const run = (policy: string, more = {}) => world.run('PolicyRun', { policy, ...more });
    expect((await run('burst-ami', { dryRun: true })).status).toBe('SUCCEEDED');

    const lock = { id: { S: `lock#${busy}` }, entry: { S: 'lock' } };
    const expires = { N: String(account.clock.now()) };
    const Item = { ...lock, runId: { S: 'other' }, expires };
    await world.call('dynamodb', 'PutItem', { TableName: refs.RunsTable, Item });
    loseBurst();
    const images = await run('burst-ami');
    expect([images.error, images.cause]).toEqual([
      'BackupsMissing',
      expect.stringContaining(
        `1 of 3 have no recovery point; eu-west-1 ${busy}: ${busy} is held by run other`,
      ),
    ]);
    await world.call('dynamodb', 'DeleteItem', { TableName: refs.RunsTable, Key: lock });
    loseBurst();
    const full = { code: 'TagLimitExceeded', message: 'More than 50 tags' }; // of which one is not told
    account.faults.add({ service: 'ec2', operation: 'CreateTags', error: full });
    const sets = await run('burst-snapshots');
    expect(sets.output?.counts).toMatchObject({ verified: 3, failed: 0 });

    const error = { code: 'UnauthorizedOperation', message: 'not for you' };
    account.faults.add({ service: 'ec2', operation: 'DescribeImages', error });
    const storm = { code: 'RequestLimitExceeded', message: 'Request limit exceeded.' };
    account.faults.add({ service: 'ec2', operation: 'DescribeInstanceAttribute', error: storm, times: 999 });
    world.ec2.seedFleet({ count: 1, tags: { fleet: 'burst' } }); // whose user data nobody has read
    const refused = await run('burst-ami');
    account.faults.clear();
    expect(refused.cause).toContain('eu-west-1-0: UnauthorizedOperation: not for you');
    for (const { runId } of [images, sets, refused]) expect(await world.locks(runId)).toEqual([]);
  }, 120_000);

  test('what is not there is told from what is not allowed', async () => {
    const batch = { runId: 'none', name: 'eu-west-1-0' };
    const begins = new Date(world.local.account.clock.now()).toISOString();
    const read = world.invoke('ReadBatchInput', { input: { ...batch, begins } });
    await expect(read).rejects.toMatchObject({ name: 'NoSuchKey' });
    const runs = world.bucket('StagingBucket').keys('batches/');
    const [runId = ''] = runs.flatMap((key) => /^batches\/(policyrun-[^/]+)\//.exec(key)?.[1] ?? []);
    const merged = world.invoke('MergeGroups', { batch: { runId, name: 'eu-west-1-0' }, groups: 9 });
    expect(await merged).toMatchObject({ captured: expect.any(Number) });
    const source = { bucket: world.local.refs.StagingBucket, key: 'runs/none/manifest.gz' };
    const missing = { name: 'ManifestInvalid', message: expect.stringContaining('was never uploaded') };
    const stored = world.invoke('StoreManifest', { runId: 'none', name: 'backup', source });
    await expect(stored).rejects.toMatchObject(missing);
    await expect(
      world.invoke('CompareManifests', { expected: source, actual: source }),
    ).rejects.toMatchObject(missing);
  });

  test('each action and each resource of every statement was used', () => {
    const unused = world.local.iam
      .unusedStatements()
      .filter(({ effect, role }) => effect === 'Allow' && !isOfEfs(role));
    expect(unused.map(named).sort()).toEqual(Object.keys(NOT_USED_HERE).sort());
  });

  test('without any one statement, something that a run did is refused', () => {
    const { seen, idle } = idleStatements(world.local, asked, (role) => !isOfEfs(role));
    expect(seen).toBeGreaterThan(100);
    expect(idle).toEqual([]);
  });
});

async function running(machine: string): Promise<string[]> {
  const { executions } = await world.call('states', 'ListExecutions', {
    stateMachineArn: world.local.refs[`${machine}StateMachine`],
    statusFilter: 'RUNNING',
  });
  return executions.map(({ name }: { name: string }) => name);
}

describe('a drill without a statement that it needs fails in the words of the service', () => {
  const cases = [
    {
      of: 'RunCommand',
      sid: 'InvokeFunctions',
      error: 'Lambda.AWSLambdaException',
      words: 'lambda:InvokeFunction',
    },
    { of: 'LaunchSource', sid: 'LetEbsUseTheKey', error: 'ResourceFailed', words: 'Client.InternalError' },
    { of: 'CreateImage', sid: 'TagWhatIsCreated', error: 'UnauthorizedOperation', words: 'ec2:CreateTags' },
    {
      of: 'TerminateSource',
      sid: 'OnlyWhatMayBeTerminated',
      error: 'UnauthorizedOperation',
      words: 'ec2:TerminateInstances',
    },
  ];
  if (FULL)
    cases.push({
      of: 'DrDrill',
      sid: 'TellTheVerdict',
      error: 'SNS.AuthorizationErrorException',
      words: 'sns:Publish',
    });
  test.each(cases)(
    '$of without $sid: $words',
    async ({ of, sid, error, words }) => {
      const { runId, ...run } = await world.without(statementOf(of, sid), of, () =>
        world.run('DrDrill', { consistency: 'none' }),
      );
      expect(run).toMatchObject({ status: 'FAILED', error });
      expect(run.cause).toContain(words);
      expect(await world.leftBehind(runId)).toEqual([]);
    },
    120_000,
  );

  // Half an hour of cleaning up in vain takes the machine seconds; the faults of CleanUp show the same sooner.
  if (FULL)
    test('what may not be cleaned up is named, and goes once it may', async () => {
      const { runId, ...run } = await world.without(
        statementOf('CleanUp', 'OnlyThisDeployments'),
        'CleanUp',
        () => world.run('DrDrill', { consistency: 'none' }),
      );
      expect(run).toMatchObject({ status: 'FAILED', error: 'DrillFailed' });
      const left = await world.leftBehind(runId);
      expect(left.length).toBeGreaterThan(0);
      for (const id of left) expect(run.cause).toContain(id);
      await world.tidy(runId);
      expect(await world.leftBehind(runId)).toEqual([]);
    }, 120_000);
});

describe('a function for locks', () => {
  const put = (of: string, id: string) => {
    const { account, region, refs } = world.local;
    const role = world.role(of).name;
    const principal = { arn: `arn:aws:sts::${account.id}:assumed-role/${role}/x`, role };
    const input = { TableName: refs.RunsTable, Item: { id: { S: id }, entry: { S: 'lock' } } };
    return account.call({ principal, region, service: 'dynamodb', operation: 'PutItem', input });
  };

  test('takes locks, and touches no other key of the table', async () => {
    await put('AcquireLock', 'lock#i-0123456789abcdef0');
    await expect(put('AcquireLock', 'drill-1')).rejects.toMatchObject({
      code: 'AccessDeniedException',
      message: expect.stringContaining('is not authorized to perform: dynamodb:PutItem'),
    });
    await put('RecordRun', 'drill-1');
  });
});

function statementOf(of: string, sid: string): Statement {
  const statements = world.role(of).policies.flatMap((policy) => policy.statements);
  const found = statements.find((statement) => statement.sid === sid);
  if (!found) throw new Error(`${of} has no statement ${sid}`);
  return found;
}
