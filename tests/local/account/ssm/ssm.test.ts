import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Account } from '../../../../local/account/account.ts';
import { type Access, AwsError, type Principal } from '../../../../local/account/service.ts';
import { type SsmService, ssmService } from '../../../../local/account/ssm/ssm.ts';
import { Clock } from '../../../../local/clock.ts';
import { HollowDisks } from '../../../../local/host/hollowDisks.ts';
import { LocalHost } from '../../../../local/host/localHost.ts';

const REGION = 'eu-west-1';
const INSTANCE = 'i-0123456789abcdef0';
const PARAMETER = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64';

/** What the ec2 service tells of instances, under a test's control. */
class Instances {
  operations = {};
  online = new Set([INSTANCE]);
  hasPathToS3 = true;
  agentOnline = (id: string) => this.online.has(id);
  onlineInstances = (among = [INSTANCE]) => among.filter((id) => this.online.has(id));
  canReachS3 = () => this.hasPathToS3;
  instanceTags = (id: string) => (id === INSTANCE ? [{ Key: 'team', Value: 'blue' }] : []);
  publicImageId = (name: string) => (name === PARAMETER ? 'ami-0123' : undefined);
}

let directory: string;
let clock: Clock;
let start: number;
let host: LocalHost;
const instances = new Instances();
let account: Account;
let ssm: SsmService;
let asked: Access[] = [];
let forbidden = '';

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ssm-'));
  clock = new Clock();
  host = new LocalHost(directory, clock);
  const judge = (access: Access) => {
    asked.push(access);
    return !access.resource.includes(forbidden || 'nothing is forbidden');
  };
  account = new Account({
    clock,
    directory,
    host: new HollowDisks(host),
    iam: {
      require: (_: Principal, access: Access) => {
        if (!judge(access)) throw new AwsError('AccessDeniedException', 'not authorized');
      },
      allows: (_: Principal, access: Access) => judge(access),
    },
    services: { ssm: ssmService, ec2: () => instances },
  });
  ssm = account.service<SsmService>('ssm', REGION);
  await host.createBaseImage('snap-base');
  await host.createVolume('vol-0aaaaaaaa', 'snap-base');
  await host.boot({ instanceId: INSTANCE, rootVolumeId: 'vol-0aaaaaaaa', volumeIds: [] });
});

beforeEach(async () => {
  await clock.idle();
  instances.online = new Set([INSTANCE]);
  instances.hasPathToS3 = true;
  asked = [];
  forbidden = '';
  start = clock.now();
});

afterAll(async () => {
  await clock.idle();
  await host.dispose();
  rmSync(directory, { recursive: true });
});

/** A document of some lines; `Word` goes by the environment, `Text` into the text. */
function document(...runCommand: string[]) {
  const pattern = { type: 'String', allowedPattern: '^[a-z]*$' };
  ssm.createDocument('doc', {
    schemaVersion: '2.2',
    parameters: {
      Word: { ...pattern, default: 'word', interpolationType: 'ENV_VAR' },
      Text: { ...pattern, default: 'text' },
      executionTimeout: { type: 'String', default: '60', allowedPattern: '^[0-9]+$' },
    },
    mainSteps: [
      {
        action: 'aws:runShellScript',
        name: 'run',
        inputs: { timeoutSeconds: '{{ executionTimeout }}', runCommand },
      },
    ],
  });
}

// biome-ignore lint/suspicious/noExplicitAny: every operation answers in its own shape
function call(operation: string, input: object = {}): Promise<any> {
  return account.call({ principal: account.operator, region: REGION, service: 'ssm', operation, input });
}

async function send(more: object = {}): Promise<string> {
  const { Command } = await call('SendCommand', { DocumentName: 'doc', InstanceIds: [INSTANCE], ...more });
  return Command.CommandId;
}

const look = (CommandId: string) => call('GetCommandInvocation', { CommandId, InstanceId: INSTANCE });

/** The invocation once it has ended. */
async function ended(commandId: string) {
  while (account.timeline.at(`${commandId}:finished`) === undefined) await clock.sleep(500);
  return await look(commandId);
}

const codeOf = async (work: Promise<unknown>) =>
  await work.then(
    () => 'none',
    (error) => (error instanceof AwsError ? error.code : String(error)),
  );

describe('a command', () => {
  test('runs in the shell of its instance: not found yet, pending, in progress, done, and says when', async () => {
    document('#!/usr/bin/env bash', 'echo "hello $SSM_Word {{ Text }}"', 'echo oops >&2');
    const id = await send({ Parameters: { Word: ['there'], Text: ['you'] } });
    const seen = new Set<string>();
    while (account.timeline.at(`${id}:finished`) === undefined) {
      seen.add((await look(id).catch((error: Error) => ({ Status: error.name }))).Status);
      await clock.sleep(100);
    }
    expect([...seen]).toEqual(['InvocationDoesNotExist', 'Pending', 'InProgress']);
    const done = await look(id);
    expect(done).toMatchObject({
      Status: 'Success',
      ResponseCode: 0,
      StandardOutputContent: 'hello there you\n',
      StandardErrorContent: 'oops\n',
    });
    const finished = account.timeline.at(`${id}:finished`) ?? 0;
    expect(done.ExecutionEndDateTime).toBe(new Date(finished).toISOString());
    expect(finished - start).toBeGreaterThanOrEqual(3000);
    expect(finished - start).toBeLessThan(5000);
  });

  test('that fails says with which code', async () => {
    document('exit 3');
    expect(await ended(await send())).toMatchObject({ Status: 'Failed', ResponseCode: 3 });
  });

  test('takes longer the more there is on the volumes', async () => {
    document('truncate -s 0 "$SSM_Root/srv/big"; head -c 157286400 /dev/zero > "$SSM_Root/srv/big"');
    const id = await send();
    await ended(id);
    const { ExecutionElapsedTime } = await look(id);
    expect(Number.parseFloat(ExecutionElapsedTime.slice(2))).toBeCloseTo(3, 1);
  });

  test('that hangs is timed out at its own limit', async () => {
    document('sleep 100');
    const id = await send({ Parameters: { executionTimeout: ['1'] } });
    const done = await ended(id);
    expect(done).toMatchObject({ Status: 'TimedOut', StatusDetails: 'ExecutionTimedOut' });
    expect(done.ExecutionElapsedTime).toBe('PT1S');
  });

  test('that nobody takes is timed out when its delivery is', async () => {
    document('true');
    const id = await send({ TimeoutSeconds: 30 });
    instances.online.clear();
    const done = await ended(id);
    expect(done).toMatchObject({
      Status: 'TimedOut',
      StatusDetails: 'DeliveryTimedOut',
      ExecutionStartDateTime: '',
    });
    expect(clock.now() - start).toBeGreaterThanOrEqual(30_000);
  });

  test('whose instance goes away meanwhile is not reported as a success', async () => {
    document('true');
    const id = await send();
    await clock.sleep(2100);
    instances.online.clear();
    expect(await ended(id)).toMatchObject({ Status: 'TimedOut' });
  });

  test('can be cancelled, once', async () => {
    document('true');
    const id = await send();
    await call('CancelCommand', { CommandId: id });
    await clock.sleep(60_000);
    expect(await look(id)).toMatchObject({ Status: 'Cancelled', ExecutionStartDateTime: '' });
    expect(await codeOf(call('CancelCommand', { CommandId: 'none' }))).toBe('InvalidCommandId');
  });

  test('shows the first 24,000 characters', async () => {
    document('head -c 50000 /dev/zero | tr "\\0" x; head -c 50000 /dev/zero | tr "\\0" y >&2');
    const { StandardOutputContent, StandardErrorContent } = await ended(await send());
    expect(StandardOutputContent).toBe('x'.repeat(24_000));
    expect(StandardErrorContent).toBe('y'.repeat(24_000));
  });

  test('does not get to S3 where the network has no path', async () => {
    document('echo "proxy=$http_proxy"');
    instances.hasPathToS3 = false;
    expect((await ended(await send())).StandardOutputContent).toBe('proxy=http://127.0.0.1:9\n');
  });

  test('keeps a parameter that goes by the environment out of the text', async () => {
    ssm.createDocument('doc', {
      parameters: { Any: { type: 'String', interpolationType: 'ENV_VAR' } },
      mainSteps: [{ action: 'aws:runShellScript', inputs: { runCommand: ['printf %s "{{ Any }}"'] } }],
    });
    const { StandardOutputContent } = await ended(await send({ Parameters: { Any: ['$(echo run)"'] } }));
    expect(StandardOutputContent).toBe('$(echo run)"');
  });
});

describe('ListCommands', () => {
  test('finds by instance, the newest first, page by page', async () => {
    document('true');
    for (const Comment of ['run/1', 'run/2', 'run/3']) await send({ Comment });
    const first = await call('ListCommands', { InstanceId: INSTANCE, MaxResults: 2 });
    expect(first.Commands.map((one: { Comment: string }) => one.Comment)).toEqual(['run/3', 'run/2']);
    const rest = await call('ListCommands', { InstanceId: INSTANCE, NextToken: first.NextToken });
    expect(rest.Commands[0]).toMatchObject({ Comment: 'run/1', InstanceIds: [INSTANCE] });
    expect(rest.NextToken).toBeUndefined();
    expect((await call('ListCommands', { InstanceId: 'i-other' })).Commands).toEqual([]);
  });
});

describe('SendCommand', () => {
  test.each([
    ['InvalidDocument', { DocumentName: 'other' }],
    ['InvalidInstanceId', { InstanceIds: ['i-0fffffffffffffff0'] }],
    ['InvalidParameters', { Parameters: { Unknown: ['x'] } }],
    ['InvalidParameters', { Parameters: { Word: ['NOT LOWER'] } }],
    ['InvalidParameters', { Parameters: { Word: ['one', 'two'] } }],
    ['DuplicateInstanceId', { InstanceIds: [INSTANCE, INSTANCE] }],
    ['ValidationException', { InstanceIds: Array.from({ length: 51 }, (_, index) => `i-${index}`) }],
    ['ValidationException', { Comment: 'x'.repeat(101) }],
    ['ValidationException', { TimeoutSeconds: 29 }],
  ])('refuses with %s', async (code, more) => {
    document('true');
    expect(await codeOf(send(more))).toBe(code);
  });

  test('asks IAM for the document and for each instance with its tags', async () => {
    document('true');
    await send();
    expect(asked).toEqual([
      {
        action: 'ssm:SendCommand',
        resource: 'arn:aws:ssm:eu-west-1:123456789012:document/doc',
        context: {},
      },
      {
        action: 'ssm:SendCommand',
        resource: `arn:aws:ec2:eu-west-1:123456789012:instance/${INSTANCE}`,
        context: { 'ssm:resourceTag/team': 'blue', 'aws:ResourceTag/team': 'blue' },
      },
    ]);
    forbidden = 'instance/';
    expect(await codeOf(send())).toBe('AccessDeniedException');
  });
});

describe('what is asked about instances and parameters', () => {
  test('an instance is online, or not listed', async () => {
    const filter = { Filters: [{ Key: 'InstanceIds', Values: [INSTANCE] }] };
    const { InstanceInformationList } = await call('DescribeInstanceInformation', filter);
    expect(InstanceInformationList).toMatchObject([{ InstanceId: INSTANCE, PingStatus: 'Online' }]);
    instances.online.clear();
    expect(await call('DescribeInstanceInformation', filter)).toEqual({ InstanceInformationList: [] });
    expect(await codeOf(call('DescribeInstanceInformation', { Filters: [{ Key: 'Nonsense' }] }))).toBe(
      'InvalidFilterKey',
    );
  });

  test('a public parameter names an image and belongs to no account', async () => {
    const { Parameter } = await call('GetParameter', { Name: PARAMETER });
    expect(Parameter).toMatchObject({ Value: 'ami-0123', DataType: 'aws:ec2:image' });
    expect(asked.at(-1)?.resource).toBe(`arn:aws:ssm:eu-west-1::parameter${PARAMETER}`);
    expect(await codeOf(call('GetParameter', { Name: '/aws/service/other' }))).toBe('ParameterNotFound');
  });

  test("a parameter of the account's own is what was put", async () => {
    ssm.putParameter('/own/name', 'value');
    expect((await call('GetParameter', { Name: '/own/name' })).Parameter.Value).toBe('value');
    expect(asked.at(-1)?.resource).toBe('arn:aws:ssm:eu-west-1:123456789012:parameter/own/name');
  });
});
