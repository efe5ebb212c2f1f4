import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { checkCommand } from '../../../functions/command/checkCommand.ts';
import { sendCommand } from '../../../functions/command/sendCommand.ts';
import { checkOnline } from '../../../functions/instance/checkOnline.ts';
import type { CommandOutcome } from '../../../local/host/host.ts';
import { Simulated } from '../simulated.ts';

let simulated: Simulated;
let instanceId: string;
let outcome: CommandOutcome;
/** Environments of the scripts that ran. */
let ran: Record<string, string>[];

beforeEach(async () => {
  simulated = await Simulated.start();
  outcome = { exitCode: 0, stdout: 'working\n{"entries":3}\n', stderr: '' };
  ran = [];
  const run = async (_instance: string, _script: string, environment: Record<string, string>) => {
    ran.push(environment);
    return outcome;
  };
  Object.assign(simulated.host, { run });
  simulated.document('read-manifest', 'true', ['Paths', 'UploadUrl']);
  await simulated.connect();
  instanceId = await simulated.userInstance();
  await simulated.until(checkOnline, { instanceId });
});
afterEach(() => simulated.close());

const request = (more: object = {}) => ({
  runId: 'run-1',
  step: 'manifest',
  instanceId,
  document: 'read-manifest',
  parameters: { Paths: '/data' },
  upload: { bucket: 'staging', key: 'runs/run-1/m.gz' },
  timeoutSeconds: 60,
  ...more,
});

describe('sending a command', () => {
  test('signs the upload for the instance only: the URL is in no result', async () => {
    const sent = await simulated.run(sendCommand, request());
    const { result } = await simulated.until(checkCommand, { ...sent, instanceId, step: 'manifest' });
    expect(result).toEqual({ entries: 3 });
    expect(ran[0]?.SSM_Paths).toBe('/data');
    const url = new URL(ran[0]?.SSM_UploadUrl ?? '');
    expect(url.pathname).toBe('/staging/runs/run-1/m.gz');
    expect(url.searchParams.get('X-Amz-Expires')).toBe('960');
    expect([...url.searchParams.keys()].filter((key) => key.toLowerCase().includes('checksum'))).toEqual([]);
    expect(JSON.stringify(sent)).not.toContain('X-Amz');
  });

  test('once more finds the command that was sent', async () => {
    const first = await simulated.run(sendCommand, request());
    await simulated.pass(10);
    const second = await simulated.run(sendCommand, request());
    expect(second.commandId).toBe(first.commandId);
    const other = await simulated.run(sendCommand, request({ step: 'again' }));
    expect(other.commandId).not.toBe(first.commandId);
    await simulated.pass(10);
    expect(ran).toHaveLength(2);
  });

  test('to an instance that is not online fails by name', async () => {
    await simulated.call('ec2', 'StopInstances', { InstanceIds: [instanceId] });
    await simulated.pass(120);
    await expect(simulated.run(sendCommand, request())).rejects.toMatchObject({
      name: 'CommandFailed',
      message: `manifest: ${instanceId} is not online in Systems Manager`,
    });
  });

  test('that nobody takes up is over before its machine gives up, and never runs', async () => {
    const { commandId, sentAt } = await simulated.run(sendCommand, request());
    await simulated.call('ec2', 'StopInstances', { InstanceIds: [instanceId] });
    await simulated.pass(request().timeoutSeconds + 300); // as statemachines/run-command.asl.yml waits
    const input = { commandId, instanceId, step: 'manifest', since: sentAt, limitSeconds: 360 };
    await expect(simulated.run(checkCommand, input)).rejects.toMatchObject({
      name: 'CommandFailed',
      message: expect.stringContaining('manifest: DeliveryTimedOut'),
    });
    expect(ran).toHaveLength(0);
  });

  test('of no document of this stack is refused before AWS is asked', async () => {
    const foreign = request({ document: 'AWS-RunShellScript' });
    await expect(simulated.run(sendCommand, foreign)).rejects.toMatchObject({ name: 'InvalidInput' });
  });
});

describe('looking at a command', () => {
  test('says when it finished, by the key that others measure by', async () => {
    const { commandId, sentAt } = await simulated.run(sendCommand, request());
    const input = { commandId, instanceId, step: 'manifest', since: sentAt, limitSeconds: 300 };
    expect(await simulated.run(checkCommand, input)).toMatchObject({ ready: false, waitSeconds: 2 });
    await simulated.pass(30);
    const looked = await simulated.run(checkCommand, input);
    expect(looked).toMatchObject({ ready: true, waitedFor: [`${commandId}:finished`] });
    expect(Date.parse(looked.finishedAt ?? '')).toBe(simulated.account.timeline.at(`${commandId}:finished`));
  });

  test('that failed throws its last words', async () => {
    outcome = { exitCode: 3, stdout: '', stderr: 'read-manifest: no such path' };
    const sent = await simulated.run(sendCommand, request());
    await simulated.pass(30);
    const input = { ...sent, instanceId, step: 'manifest', since: sent.sentAt, limitSeconds: 300 };
    await expect(simulated.run(checkCommand, input)).rejects.toMatchObject({
      name: 'CommandFailed',
      message: 'manifest: Failed (exit code 3): read-manifest: no such path',
    });
  });
});
