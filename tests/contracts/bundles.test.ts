import '../realm.ts';
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LambdaService } from '../../local/account/lambda/lambda.ts';
import { packageTemplate } from '../../local/deploy/package.ts';
import { type LocalAccount, startLocal } from '../../local/local.ts';

const FRESH_PROCESS = join(import.meta.dirname, 'freshProcess.js');
const AT_ONCE = 3;

/** What Lambda would answer. */
interface Answer {
  result?: unknown;
  errorType?: string;
  errorMessage?: string;
}

const instanceId = 'i-0123456789abcdef0';
const imageId = 'ami-0123456789abcdef0';
const runId = 'bundles';
const time = '2026-01-02T03:04:05.000Z';
const since = { since: new Date().toISOString(), limitSeconds: 3600 };
const volume = { volumeId: 'vol-0123456789abcdef0', deviceName: '/dev/xvda', sizeGiB: 1, encrypted: true };
const settings = {
  runId,
  executionArn: 'arn:aws:states:eu-west-1:123456789012:execution:none:bundles',
  startedAt: time,
  mode: 'sandbox',
  consistency: 'none',
  rpoSeconds: 1,
  rtoSeconds: 1,
  instanceType: 't4g.small',
  imageParameter: '/aws/service/none',
  endpoints: 'create',
  paths: ['/data1'],
  dataVolumes: [{ deviceName: '/dev/sdf', path: '/data1' }],
};
const result = { verdict: 'FAILED', runId, checks: [], leftovers: [], startedAt: time, finishedAt: time };
const point = {
  imageId,
  resource: instanceId,
  createdAt: time,
  consistency: { asked: 'none', seen: 'crash' },
  snapshots: [{ ...volume, snapshotId: 'snap-0123456789abcdef0', startTime: time }],
  fingerprintKey: 'points/none.json',
};
const adopting = {
  name: 'bundles',
  tagKey: 'backup-policy',
  capture: 'ami',
  keep: { days: 1 },
  adopt: { tags: { Backup: '*' } },
};
const list = { bucket: 'b', key: 'batches/none' };
const bucket = { size: 100, refill: 5, tokens: 100, at: 0, rate: 5, sinceEmpty: 0 };
const batch = { runId, name: 'eu-west-1-0' };
const launch = { instanceId, fingerprintKey: 'points/none.json', isolated: true, overrides: {} };
const execution = { executionName: runId, executionArn: settings.executionArn, startedAt: time };

const efs = {
  runId,
  executionArn: settings.executionArn,
  policy: 'none',
  group: 'g',
  source: 'fs-0123456789abcdef0',
  destination: 'fs-0123456789abcdef1',
  folder: 'backup-drill/none',
  subnets: ['subnet-0123456789abcdef0'],
  ownImage: false,
  startedAt: time,
  stopAt: time,
  windowEnd: time,
  windowSeconds: 3600,
  lockSeconds: 3600,
  notify: 'failures',
  generation: '20260102T030405Z',
  initialise: 'no',
  sourceSentinel: '',
  allowEmpty: 'no',
  copySeconds: 2700,
  keep: { count: 1 },
  maxDeletions: { count: 1 },
  timezone: 'UTC',
};

/** For each function an input that its schema takes, and the first call that it then makes; `none` calls nothing. */
const INPUTS: Record<string, [input: object, call: string]> = {
  AbandonCaptures: [{ batch, failure: { Error: 'e', Cause: 'c' } }, 's3:GetObject'],
  AcquireLock: [{ runId, resource: instanceId }, 'dynamodb:PutItem'],
  AdoptPoints: [{ policy: adopting, region: 'eu-west-1' }, 'ec2:DescribeImages'],
  CaptureInstance: [{ batch, instanceId }, 's3:GetObject'],
  CheckCaptures: [
    {
      batch,
      region: 'eu-west-1',
      capture: 'ami',
      since: time,
      lastAt: time,
      seen: { pending: 0, most: 0, at: time },
      limitSeconds: 3600,
    },
    'ec2:DescribeImages',
  ],
  CheckCommand: [{ commandId: 'c', instanceId, step: 's', ...since }, 'ssm:GetCommandInvocation'],
  CheckEndpoints: [{ endpointIds: ['vpce-0123456789abcdef0'], ...since }, 'ec2:DescribeVpcEndpoints'],
  CheckFileSystems: [
    {
      source: efs.source,
      destination: efs.destination,
      access: 'read',
      subnets: efs.subnets,
      ownImage: false,
    },
    'ec2:DescribeSubnets',
  ],
  CheckImage: [{ imageId, ...since }, 'ec2:DescribeImages'],
  CheckInstance: [{ instanceId, wanted: 'running', ...since }, 'ec2:DescribeInstances'],
  CheckIsolation: [{}, 'ec2:DescribeSubnets'],
  CheckOnline: [{ instanceId, ...since }, 'ssm:DescribeInstanceInformation'],
  CheckSnapshotsStarted: [{ imageId, volumeIds: [volume.volumeId], ...since }, 'ec2:DescribeImages'],
  CheckWork: [
    { group: 'g', instanceId, commandId: 'c', step: 's', stopAt: time, ...since },
    'ssm:GetCommandInvocation',
  ],
  CheckWorker: [{ group: 'g', wanted: 'none', ...since }, 'autoscaling:DescribeAutoScalingGroups'],
  ChoosePoint: [{ imageId }, 'ec2:DescribeImages'],
  CleanUp: [{ runId, ...since }, 'dynamodb:Query'],
  CloseBatch: [{ batch }, 's3:GetObject'],
  CompareFingerprint: [launch, 's3:GetObject'],
  CompareManifests: [
    { expected: { bucket: 'b', key: 'k' }, actual: { bucket: 'b', key: 'k' } },
    's3:GetObject',
  ],
  CompleteHook: [{ group: 'g', hook: 'h', token: 't', instanceId }, 'autoscaling:CompleteLifecycleAction'],
  CreateImage: [
    { runId, instanceId, consistency: 'none', fingerprintKey: 'points/none.json', keep: true },
    'dynamodb:PutItem',
  ],
  DeletePoints: [{ policy: 'bundles', region: 'eu-west-1', deletions: list, ...since }, 's3:GetObject'],
  DescribeTarget: [{ instanceId, consistency: 'none', validated: false }, 'ec2:DescribeInstances'],
  IdentifySource: [{ instanceId }, 'ec2:DescribeInstances'],
  Judge: [{ run: settings, facts: {} }, 'none'],
  JudgeConsistency: [{ asked: 'none' }, 'none'],
  KeepFigures: [
    { runId, instanceId, logsKey: 'k', stopped: { phase: 'none', kpis: null, logBytes: 0 } },
    'dynamodb:PutItem',
  ],
  KeepLaunches: [{ batch, ...since }, 's3:GetObject'],
  LaunchFromPoint: [{ runId, imageId, ...launch, tags: {}, keep: true }, 's3:GetObject'],
  LaunchSource: [
    { runId, instanceType: 't4g.small', imageParameter: '/aws/service/none', dataVolumes: [] },
    'ssm:GetParameter',
  ],
  LimitDeletions: [{ policy: adopting, counts: [] }, 'none'],
  ListGroup: [{ batch, group: 0 }, 's3:GetObject'],
  MarkCaptures: [{ batch, from: 0, ...since }, 's3:GetObject'],
  MarkImage: [{ imageId, status: 'failed' }, 'ec2:DescribeImages'],
  MergeGroups: [{ batch, groups: 0 }, 's3:GetObject'],
  OpenEndpoints: [{ runId, endpoints: 'existing' }, 'ec2:DescribeVpcEndpoints'],
  PlanRetention: [
    { runId, policy: adopting, region: 'eu-west-1', dryRun: true },
    'ec2:DescribeLockedSnapshots',
  ],
  PlanExpiry: [{ run: efs, generations: [] }, 'none'],
  ReadBackupInput: [{ input: { instanceId }, executionName: runId }, 'none'],
  ReadBatchInput: [{ input: { ...batch, begins: time } }, 's3:GetObject'],
  ReadDrillInput: [{ input: {}, ...execution }, 'none'],
  ReadPolicy: [{ input: { policy: 'nightly' }, executionName: runId }, 'ssm:GetParameter'],
  ReadEfsBackup: [{ input: { policy: 'none' }, ...execution }, 'ssm:GetParameter'],
  ReadEfsRestore: [{ input: { policy: 'none' }, ...execution }, 'ssm:GetParameter'],
  ReadEnding: [
    {
      source: 'aws.states',
      detail: {
        executionArn: settings.executionArn,
        stateMachineArn: 'none',
        name: runId,
        status: 'ABORTED',
        startDate: 0,
        input: '{"policy":"none"}',
      },
    },
    'dynamodb:GetItem',
  ],
  ReadRestoreInput: [{ input: { imageId }, executionName: runId }, 'none'],
  RecordEfsRun: [{ operation: 'backup', run: efs, facts: {} }, 'dynamodb:GetItem'],
  RebuildIndex: [{ regions: ['eu-west-1'] }, 'ec2:DescribeImages'],
  RecordGroup: [{ batch, group: 0, outcomes: [] }, 's3:PutObject'],
  RecordPoint: [{ runId, recoveryPoint: point }, 'dynamodb:PutItem'],
  RecordRun: [{ executionArn: settings.executionArn, result }, 'dynamodb:PutItem'],
  ReleaseLock: [{ runId, resource: instanceId }, 'dynamodb:DeleteItem'],
  ReportRetention: [
    { runId, policy: adopting, executionArn: settings.executionArn, startedAt: time, regions: [] },
    's3:PutObject',
  ],
  ReportRun: [
    {
      runId,
      policy: adopting,
      executionArn: settings.executionArn,
      startedAt: time,
      regions: [],
      retention: {},
      dryRun: false,
    },
    's3:PutObject',
  ],
  SaveFingerprint: [{ runId, instanceId }, 'ec2:DescribeInstances'],
  ScaleWorker: [{ group: 'g', desired: 0 }, 'autoscaling:SetDesiredCapacity'],
  SelectInstances: [
    { runId, policy: adopting, region: 'eu-west-1', accountId: '123456789012', dryRun: true },
    'ec2:DescribeInstances',
  ],
  SendCommand: [
    { runId, step: 's', instanceId, document: 'thaw', parameters: { Token: 't' }, timeoutSeconds: 60 },
    'ssm:SendCommand',
  ],
  StartInstance: [{ instanceId, dryRun: true }, 'ec2:DescribeInstances'],
  StopInstance: [{ instanceId }, 'ec2:StopInstances'],
  StoreManifest: [{ runId, name: 'none', source: { bucket: 'b', key: 'k' } }, 's3:GetObject'],
  SubmitCaptures: [{ batch, bucket, ...since }, 's3:GetObject'],
  SweepLeftovers: [{ runId, ...since }, 'dynamodb:Query'],
  SweepOrphans: [
    { runId, policy: 'bundles', region: 'eu-west-1', deletions: list, bucket, ...since },
    's3:GetObject',
  ],
  TerminateSource: [
    { runId, instanceId, launchTime: time, accountId: '123456789012', imageId },
    'ec2:DescribeInstances',
  ],
  VerifyImage: [{ imageId, rootDeviceName: '/dev/xvda', volumes: [volume] }, 'ec2:DescribeImages'],
  VerifyCaptures: [{ batch }, 's3:GetObject'],
  WatchPolicies: [{ failedStarts: [] }, 'ssm:GetParametersByPath'],
  WriteEvidence: [{ run: settings, facts: {}, result }, 'states:GetExecutionHistory'],
};

let local: LocalAccount;
let bundles: string[];
const calls = new Map<string, string[]>();

beforeAll(async () => {
  const packaged = await packageTemplate({ stage: 'dev', region: 'eu-west-1' });
  const text = readFileSync(join(packaged, 'cloudformation-template-update-stack.json'), 'utf8');
  const resources: [string, { Type: string }][] = Object.entries(JSON.parse(text).Resources);
  bundles = resources
    .filter(([, { Type }]) => Type === 'AWS::Lambda::Function')
    .map(([id]) => id.replace(/LambdaFunction$/, ''));
  local = await startLocal({ packaged });
  const { account } = local;
  const call = account.call.bind(account);
  account.call = (asked) => {
    const caller = asked.principal.arn.split('/').at(-1) ?? '';
    calls.set(caller, [...(calls.get(caller) ?? []), `${asked.service}:${asked.operation}`]);
    return call(asked);
  };
}, 120_000);
afterAll(async () => await local.close());

/** Loads a bundle as packaged in a new process that has a function's variables and nothing else, and calls it once. */
async function invoke(bundle: string, event: unknown): Promise<Answer> {
  const name = local.refs[`${bundle}LambdaFunction`] ?? '';
  const lambda = local.account.service<LambdaService>('lambda', local.region);
  const { code, variables } = lambda.environmentOf(name);
  const child = fork(FRESH_PROCESS, {
    env: variables,
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  return await new Promise<Answer>((resolve) => {
    let answer: Answer = {};
    child.once('message', (message: Answer) => {
      answer = message;
    });
    child.once('close', (status) =>
      resolve(
        status === 0 ? answer : { errorType: 'Exited', errorMessage: `exit status ${status}: ${said}` },
      ),
    );
    child.send({ ...code, event });
  });
}

/** What is wrong with a bundle, or nothing. */
async function faultOf(bundle: string): Promise<string | undefined> {
  const name = local.refs[`${bundle}LambdaFunction`] ?? '';
  const [input, wanted] = INPUTS[bundle] ?? [{}, 'none'];
  const answer = await invoke(bundle, input);
  const made = calls.get(name) ?? [];
  const ended = JSON.stringify(answer);
  if (INPUTS[bundle] && answer.errorType === 'InvalidInput')
    return `${bundle}: its input is refused: ${ended}`;
  if (!('result' in answer) && made.length === 0 && answer.errorType !== 'InvalidInput')
    return `${bundle} called nothing and failed: ${ended}`;
  const called = wanted === 'none' ? made.length === 0 : made.includes(wanted);
  return called ? undefined : `${bundle} called ${made.join(', ') || 'nothing'}, not ${wanted}: ${ended}`;
}

test('every function has an input here', () => {
  expect(Object.keys(INPUTS).sort()).toEqual([...bundles].sort());
});

test('every bundle runs in a process of its own, and reaches the account over HTTP', async () => {
  const waiting = [...bundles];
  const faults: (string | undefined)[] = [];
  const workers = Array.from({ length: AT_ONCE }, async () => {
    for (let bundle = waiting.pop(); bundle; bundle = waiting.pop()) faults.push(await faultOf(bundle));
  });
  await Promise.all(workers);
  expect(faults).toHaveLength(bundles.length);
  expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
}, 120_000);

test('a bundle that cannot be loaded is found', async () => {
  const lambda = local.account.service<LambdaService>('lambda', local.region);
  const { code } = lambda.environmentOf(local.refs.CheckImageLambdaFunction ?? '');
  const whole = code.module;
  code.module = whole.replace('checkImage.mjs', 'notThere.mjs');
  try {
    expect(await invoke('CheckImage', {})).toMatchObject({
      errorMessage: expect.stringContaining('notThere'),
    });
  } finally {
    code.module = whole;
  }
});

test('a wrong input is refused in one line that names what is missing', async () => {
  const { errorType, errorMessage } = await invoke('CheckImage', {});
  expect(errorType).toBe('InvalidInput');
  expect(errorMessage).toMatch(/^CheckImage: imageId: [^\n]+$/);
});
