import { EC2Client } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { PointNotVerified } from '../../shared/errors.ts';
import { findImage, snapshotsOfImage } from '../../shared/imageFacts.ts';
import { instant } from '../../shared/instant.ts';
import { imageId, snapshotFacts, volumeFacts } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';
import { imageFaults, snapshotsOf } from '../../shared/verification.ts';

/**
 * Checks that an image holds the whole instance: available, each volume in a completed snapshot of its size and
 * encryption, the same root device. @throws PointNotVerified naming everything that is not so.
 */
export const verifyImage = task({
  name: 'VerifyImage',
  input: v.object({
    imageId,
    rootDeviceName: v.string(),
    volumes: v.pipe(v.array(volumeFacts), v.minLength(1)),
  }),
  output: v.object({
    /** ISO 8601: the earliest start of its snapshots, after which nothing more is in it. */
    createdAt: instant,
    snapshots: v.array(snapshotFacts),
  }),
  aws: (settings) => ({ ec2: new EC2Client(settings) }),
  run: async ({ imageId, ...expected }, { aws }) => {
    const image = await findImage(aws.ec2, imageId);
    if (!image) throw new PointNotVerified(`${imageId} is not there`);
    const volumeIds = expected.volumes.map((volume) => volume.volumeId);
    const found = await snapshotsOfImage(aws.ec2, image, volumeIds);
    const faults = imageFaults(image, found, expected);
    if (faults.length > 0) throw new PointNotVerified(`${imageId}: ${faults.join('; ')}`);
    const snapshots = snapshotsOf(found, expected.volumes);
    const createdAt = snapshots.map((snapshot) => snapshot.startTime).sort()[0] ?? '';
    return { createdAt, snapshots };
  },
});
