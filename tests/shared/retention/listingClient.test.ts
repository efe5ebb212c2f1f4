import { DescribeImagesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { listingClient } from '../../../shared/retention/listingClient.ts';
import { existingInstances, readPoints } from '../../../shared/retention/readPoints.ts';
import { TAG } from '../../../shared/tags.ts';
import { DEPLOYMENT, seed } from '../../functions/retention/retained.ts';
import { Simulated } from '../../functions/simulated.ts';

let simulated: Simulated;
beforeAll(async () => {
  simulated = await Simulated.start({ throttling: false });
});
afterAll(() => simulated.close());

const region = 'eu-west-1';

describe('the client for long lists', () => {
  test('reads the points that any client reads', async () => {
    const ids = seed(simulated, [
      { daysAgo: 1, tags: { Name: 'a & b < "c" > ‘d’ 🦊' } },
      { daysAgo: 2, tags: { [TAG.validated]: simulated.now, Empty: '' } },
      { daysAgo: 3, capture: 'snapshots' },
      { daysAgo: 4, volumes: 1 },
    ]);
    simulated.ec2.holds.protected.add(ids[0] ?? '');
    const { Images } = await simulated.call('ec2', 'DescribeImages', { ImageIds: [ids[1]] });
    simulated.ec2.holds.locked.add(Images[0].BlockDeviceMappings[0].Ebs.SnapshotId);
    simulated.ec2.seedFleet({ count: 3 });
    const owned = { deployment: DEPLOYMENT, policy: 'nightly' };
    const [any, lists] = [new EC2Client(simulated.settings), listingClient(simulated.settings)];
    const points = await readPoints(lists, owned, region);
    expect(points).toHaveLength(4);
    expect(points.map(({ locked }) => locked)).toEqual([false, true, false, false]);
    expect(points).toEqual(await readPoints(any, owned, region));
    expect((await existingInstances(lists)).size).toBe(3);
    expect(await existingInstances(lists)).toEqual(await existingInstances(any));
  });

  test('knows errors as any client does', async () => {
    const send = (client: EC2Client) =>
      client.send(new DescribeImagesCommand({ ImageIds: ['ami-0123456789abcdef0'] }));
    const words = {
      name: 'InvalidAMIID.NotFound',
      message: "The image id 'ami-0123456789abcdef0' does not exist",
    };
    await expect(send(new EC2Client(simulated.settings))).rejects.toMatchObject(words);
    await expect(send(listingClient(simulated.settings))).rejects.toMatchObject(words);
  });
});
