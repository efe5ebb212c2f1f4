import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Ec2Service } from '../../local/account/ec2/ec2.ts';
import type { SsmService } from '../../local/account/ssm/ssm.ts';
import { World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await World.start();
}, 120_000);
afterAll(async () => await world.close());

const ec2 = (region = world.local.region) => world.local.account.service<Ec2Service>('ec2', region);

/** Puts a policy where the plugin puts those of policies.yml. */
function havePolicy(name: string, policy: object): void {
  const whole = { name, tagKey: 'backup-policy', capture: 'ami', consistency: 'none', keep: { daily: 7 } };
  world.local.account
    .service<SsmService>('ssm', world.local.region)
    .putParameter(`/backup-drill-dev/policies/${name}`, JSON.stringify({ ...whole, ...policy }));
}

describe('a run of a policy', () => {
  test('backs up what carries its tag in every Region, and says so', async () => {
    havePolicy('two', { select: { regions: ['eu-west-1', 'us-east-2'] }, notify: 'always' });
    const tags = { 'backup-policy': 'two/other' };
    ec2().seedFleet({ count: 7, tags });
    ec2().seedFleet({ count: 3, tags: { 'backup-policy': 'twofold' } });
    ec2('us-east-2').seedFleet({ count: 5, tags });
    const outcome = await world.run('policy-run', { policy: 'two' });
    expect(outcome).toMatchObject({
      status: 'SUCCEEDED',
      output: { status: 'complete', counts: { regions: 2, selected: 12, verified: 12, failed: 0 } },
    });
    expect(await world.locks()).toEqual([]);
  }, 60_000);

  test('and a dry run do not disturb one another, whichever begins first; nor does one of retention', async () => {
    havePolicy('beside', { select: { tags: { beside: 'yes' } } });
    ec2().seedFleet({ count: 2, tags: { beside: 'yes' } });
    const ends = async (...begun: [machine: string, dryRun: boolean][]) => {
      const arns: string[] = [];
      for (const [machine, dryRun] of begun)
        arns.push(await world.begin(machine, { policy: 'beside', dryRun }));
      const outcomes = await Promise.all(arns.map((arn) => world.end(arn)));
      return outcomes.map(({ status, error }) => error ?? status);
    };
    const dry = { run: ['policy-run', true], retention: ['retention', true] } as const;
    expect(await ends([...dry.run], ['policy-run', false])).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect(await ends(['policy-run', false], [...dry.run])).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect(await ends([...dry.retention], ['retention', false])).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect(await ends(['retention', false], [...dry.retention])).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect(await ends(['policy-run', false], ['policy-run', false])).toContain('ResourceBusy');
    expect(await world.locks()).toEqual([]);
  }, 60_000);

  test('fails only those of the ids it names that are in none of its Regions, wherever it names them', async () => {
    const [here = ''] = ec2().seedFleet({ count: 1 });
    const [there = ''] = ec2('us-east-2').seedFleet({ count: 1 });
    const regions = ['eu-west-1', 'us-east-2'];
    havePolicy('ids', { select: { ids: [here, there], regions } });
    expect((await world.run('policy-run', { policy: 'ids' })).output?.counts).toEqual({
      regions: 2,
      selected: 2,
      verified: 2,
      failed: 0,
    });
    const [gone, lost] = ['i-0dead000000000000', 'i-0dead000000000001'];
    havePolicy('ids', {
      select: { anyOf: [{ ids: [here, gone] }], include: { ids: [there, lost] }, regions },
    });
    expect(await world.run('policy-run', { policy: 'ids' })).toMatchObject({
      status: 'FAILED',
      cause: expect.stringContaining(
        `2 of 4 have no recovery point; ${gone}: the policy names it, but it is in none of eu-west-1, us-east-2; ${lost}: `,
      ),
    });
  }, 60_000);

  test('that selects nothing fails', async () => {
    havePolicy('empty', {});
    const outcome = await world.run('policy-run', { policy: 'empty' });
    expect(outcome.status).toBe('FAILED');
  }, 60_000);
});
