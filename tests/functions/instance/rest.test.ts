import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readBackupInput } from '../../../functions/image/readBackupInput.ts';
import { checkInstance } from '../../../functions/instance/checkInstance.ts';
import { describeTarget } from '../../../functions/instance/describeTarget.ts';
import { startInstance } from '../../../functions/instance/startInstance.ts';
import { stopInstance } from '../../../functions/instance/stopInstance.ts';
import { Simulated } from '../simulated.ts';

let simulated: Simulated;
let instanceId: string;

beforeEach(async () => {
  simulated = await Simulated.start();
  instanceId = await simulated.userInstance();
});
afterEach(() => simulated.close());

const describeFor = (consistency: string) =>
  simulated.run(describeTarget, { instanceId, consistency, validated: false });

describe('the target of a backup', () => {
  test('is described with its volumes', async () => {
    expect(await describeFor('none')).toMatchObject({
      running: true,
      managed: false,
      rootDeviceName: '/dev/xvda',
      volumes: [{ deviceName: '/dev/sdf', sizeGiB: 2, encrypted: true }, { deviceName: '/dev/xvda' }],
    });
  });

  test('is refused by every rule that speaks against it', async () => {
    simulated.ec2.tagAsAws(instanceId, 'aws:autoscaling:groupName', 'web');
    await expect(describeFor('reboot')).rejects.toMatchObject({
      name: 'UnsupportedTarget',
      message: expect.stringMatching(/Auto Scaling group web.*not online in Systems Manager/),
    });
  });

  test('with disks of its own is not stopped', async () => {
    instanceId = await simulated.userInstance({ InstanceType: 'c6gd.medium' });
    await expect(describeFor('stop')).rejects.toMatchObject({ name: 'UnsupportedTarget' });
  });

  test('that is not there is said to be so', async () => {
    instanceId = 'i-00000000000000001';
    await expect(describeFor('none')).rejects.toMatchObject({ name: 'ResourceNotFound' });
  });
});

describe('stopping and starting', () => {
  test('an instance stops, and starts again', async () => {
    await simulated.run(startInstance, { instanceId, dryRun: true });
    await simulated.run(stopInstance, { instanceId });
    await simulated.until(checkInstance, { instanceId, wanted: 'stopped' });
    expect((await simulated.instance(instanceId)).State.Name).toBe('stopped');
    await simulated.run(stopInstance, { instanceId });
    await simulated.run(startInstance, { instanceId });
    const { waitedFor } = await simulated.until(checkInstance, { instanceId, wanted: 'status-ok' });
    expect(waitedFor).toEqual([`${instanceId}:status-ok`]);
  });

  test('the proof of the right to start changes nothing', async () => {
    await simulated.run(startInstance, { instanceId, dryRun: true });
    expect((await simulated.instance(instanceId)).State.Name).toBe('running');
  });

  test('a wait for a state that cannot come any more ends', async () => {
    await simulated.run(stopInstance, { instanceId });
    await simulated.pass(120);
    const input = { instanceId, wanted: 'running', since: simulated.now, limitSeconds: 600 };
    await expect(simulated.run(checkInstance, input)).rejects.toMatchObject({ name: 'ResourceFailed' });
  });
});

describe('the input of a backup', () => {
  const read = (input: unknown, executionName = 'run-9') =>
    simulated.run(readBackupInput, { input, executionName });

  test('needs nothing but the instance', async () => {
    const { nonce, ...rest } = await read({ instanceId: 'i-0123456789abcdef0' });
    expect(rest).toEqual({
      runId: 'run-9',
      instanceId: 'i-0123456789abcdef0',
      consistency: 'reboot',
      paths: [],
      freezeSeconds: 120,
      keep: true,
    });
    expect(nonce).toMatch(/^[0-9a-f]{32}$/);
  });

  test('gets a new nonce each time', async () => {
    const [one, two] = [await read({ instanceId }), await read({ instanceId })];
    expect(one.nonce).not.toBe(two.nonce);
  });

  test.each([
    [{}, 'input.instanceId'],
    [{ instanceId: 'web-1' }, 'input.instanceId: an instance id'],
    [{ instanceId: 'i-0123456789abcdef0', consistency: 'magic' }, 'input.consistency'],
    [{ instanceId: 'i-0123456789abcdef0', validate: { paths: ['data; rm'] } }, 'input.validate.paths.0'],
    [{ instanceId: 'i-0123456789abcdef0', validate: { paths: ['/srv/'] } }, 'with no / at its end'],
    [{ instanceId: 'i-0123456789abcdef0', validate: { paths: ['/'] } }, 'an absolute path below /'],
    [{ instanceId: 'i-0123456789abcdef0', reboot: true }, 'input.reboot: there is no such key; it takes '],
    ['i-0123456789abcdef0', 'input'],
  ])('%j is refused with the key named', async (input, message) => {
    await expect(read(input)).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringContaining(message),
    });
  });
});
