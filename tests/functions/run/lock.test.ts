import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { acquireLock } from '../../../functions/run/acquireLock.ts';
import { releaseLock } from '../../../functions/run/releaseLock.ts';
import type { StatesService } from '../../../local/account/states/states.ts';
import { Simulated } from '../simulated.ts';

let simulated: Simulated;
beforeEach(async () => {
  simulated = await Simulated.start();
});
afterEach(() => simulated.close());

const acquire = (runId: string, resource = 'i-1') =>
  simulated.run(acquireLock, { runId, resource, leaseSeconds: 3600 });
const release = (runId: string) => simulated.run(releaseLock, { runId, resource: 'i-1' });

describe('the lock of a resource', () => {
  test('is for one run at a time, and says which one has it and until when', async () => {
    await acquire('run-1');
    await expect(acquire('run-2')).rejects.toMatchObject({
      name: 'ResourceBusy',
      message: 'i-1 is held by run run-1 until 2026-01-02T04:04:05.000Z',
    });
  });

  test('does not hold other resources', async () => {
    await acquire('run-1');
    expect((await acquire('run-2', 'i-2')).runId).toBe('run-2');
  });

  test('is prolonged by its own run', async () => {
    await acquire('run-1');
    await simulated.pass(600);
    expect((await acquire('run-1')).lockedUntil).toBe('2026-01-02T04:14:05.000Z');
  });

  test('is free again once released', async () => {
    await acquire('run-1');
    expect(await release('run-1')).toEqual({ released: true });
    expect((await acquire('run-2')).runId).toBe('run-2');
  });

  describe('of an execution', () => {
    const execution = async () => {
      const states = simulated.account.service<StatesService>('states', 'eu-west-1');
      const definition = {
        QueryLanguage: 'JSONata',
        StartAt: 'Wait',
        States: { Wait: { Type: 'Wait', Seconds: 60, End: true } },
      };
      const stateMachineArn = states.createStateMachine({ name: 'drill', definition, roleName: 'drill' });
      return (await simulated.call('states', 'StartExecution', { stateMachineArn })).executionArn;
    };
    const take = (runId: string, executionArn?: string) =>
      simulated.run(acquireLock, { runId, resource: 'sandbox', executionArn });

    test('is held while it runs, and taken over once it was aborted', async () => {
      const executionArn = await execution();
      await take('run-1', executionArn);
      await expect(take('run-2')).rejects.toMatchObject({ name: 'ResourceBusy' });
      await simulated.call('states', 'StopExecution', { executionArn });
      expect((await take('run-2')).runId).toBe('run-2');
      await expect(take('run-3')).rejects.toThrow('held by run run-2');
    });

    test('is held when nobody can tell whether it has ended', async () => {
      await take('run-1', 'arn:aws:states:eu-west-1:123456789012:execution:drill:unknown');
      await expect(take('run-2')).rejects.toMatchObject({ name: 'ResourceBusy' });
    });
  });

  test('runs out by itself', async () => {
    await acquire('run-1');
    await simulated.pass(3601);
    expect((await acquire('run-2')).runId).toBe('run-2');
  });

  test('is not released by a run that lost it, nor twice', async () => {
    await acquire('run-1');
    await simulated.pass(3601);
    await acquire('run-2');
    expect(await release('run-1')).toEqual({ released: false });
    await expect(acquire('run-3')).rejects.toMatchObject({ name: 'ResourceBusy' });
    await release('run-2');
    expect(await release('run-2')).toEqual({ released: false });
  });
});
