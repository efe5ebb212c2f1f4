import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Efs } from '../../../../local/account/efs/efs.ts';
import { Simulated } from '../../../functions/simulated.ts';

let simulated: Simulated;
let efs: Efs;
beforeEach(async () => {
  simulated = await Simulated.start();
  efs = simulated.account.service<Efs>('elasticfilesystem', 'eu-west-1');
});
afterEach(async () => await simulated.close());

/** What a metric of a file system was in the hour until now. */
// biome-ignore lint/suspicious/noExplicitAny: as the API answers
async function data(FileSystemId: string, MetricName: string, more: object = {}): Promise<any> {
  const { account, clock } = simulated;
  const Metric = {
    Namespace: 'AWS/EFS',
    MetricName,
    Dimensions: [{ Name: 'FileSystemId', Value: FileSystemId }],
  };
  const input = {
    StartTime: new Date(clock.now() - 3_600_000).toISOString(),
    EndTime: new Date(clock.now()).toISOString(),
    ScanBy: 'TimestampAscending',
    MetricDataQueries: [{ Id: 'one', MetricStat: { Metric, Period: 60, Stat: 'Minimum' } }],
    ...more,
  };
  const call = { principal: account.operator, region: 'eu-west-1', service: 'cloudwatch' };
  // biome-ignore lint/suspicious/noExplicitAny: as the API answers
  const answer: any = await account.call({ ...call, operation: 'GetMetricData', input });
  return answer.MetricDataResults[0];
}

test('burst credits come each minute, some minutes late, the latest first unless told', async () => {
  const home = efs.createFileSystem({ throughputMode: 'bursting' });
  await simulated.clock.sleep(600_000);
  efs.useCredits(home, 1_000_000);
  await simulated.clock.sleep(300_000);
  const { Values, Timestamps } = await data(home, 'BurstCreditBalance');
  expect(Values[0] - Values.at(-1)).toBe(1_000_000);
  const last = simulated.clock.now() - Timestamps.at(-1).getTime();
  expect(last).toBeGreaterThanOrEqual(120_000);
  expect(last).toBeLessThan(240_000);
  const reversed = await data(home, 'BurstCreditBalance', { ScanBy: undefined });
  expect(reversed.Values).toEqual(Values.toReversed());
});

test('a file system with elastic throughput, or one that is not there, measures no credits', async () => {
  const home = efs.createFileSystem();
  await simulated.clock.sleep(600_000);
  expect((await data(home, 'BurstCreditBalance')).Values).toEqual([]);
  expect((await data(home, 'PermittedThroughput')).Values.length).toBeGreaterThan(5);
  expect((await data('fs-0', 'PermittedThroughput')).Values).toEqual([]);
});

test('a time that ends before it begins is refused', async () => {
  await expect(data('fs-0', 'BurstCreditBalance', { EndTime: '2000-01-01T00:00:00Z' })).rejects.toThrow(
    'StartTime must be less than',
  );
});
