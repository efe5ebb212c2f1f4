import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { selectInstances } from '../../../functions/fleet/selectInstances.ts';
import { policy } from '../../../shared/policy/policy.ts';
import { Simulated } from '../simulated.ts';

let simulated: Simulated;
beforeAll(async () => {
  simulated = await Simulated.start();
});
afterAll(() => simulated.close());

const selected = (more: object, region = 'eu-west-1') =>
  simulated.run(selectInstances, {
    runId: 'r',
    policy: v.parse(policy, {
      name: 'nightly',
      capture: 'ami',
      consistency: 'none',
      keep: { days: 1 },
      ...more,
    }),
    region,
    accountId: '123456789012',
    dryRun: true,
  });

test('what only works in the Region of the stage is refused elsewhere, in words that can be acted on', async () => {
  await expect(
    selected({ consistency: 'freeze', validate: { paths: ['/srv'] } }, 'us-east-1'),
  ).rejects.toMatchObject({
    name: 'UnsupportedTarget',
    message:
      'policy nightly asks for consistency freeze, validate, which this stage can only do in eu-west-1; deploy a stage in us-east-1 for its instances, and take us-east-1 out of select.regions here, or set consistency: none without documents and validate',
  });
});

test('ids that are not in the Region are handed on, since another Region may have them', async () => {
  const [here = ''] = simulated.ec2.seedFleet({ count: 1 });
  const gone = 'i-0dead000000000000';
  expect(await selected({ select: { ids: [here, gone] } })).toMatchObject({
    selected: 1,
    missing: [gone],
    batches: [{ name: 'eu-west-1-0', count: 1 }],
  });
  expect(await selected({ select: { ids: [gone] } })).toMatchObject({
    selected: 0,
    missing: [gone],
    batches: [],
  });
});
