import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { readLaunch } from '../../shared/evidenceStore.ts';
import { compareFingerprints, fingerprintComparison } from '../../shared/fingerprint.ts';
import {
  describeInstance,
  describeVolumes,
  fingerprintOf,
  readUserData,
  volumeFactsOf,
} from '../../shared/instanceFacts.ts';
import { changedFields, launchOverrides } from '../../shared/launch.ts';
import { instanceId } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/** Compares a restored instance with the fingerprint of its point, and lists its volumes with their snapshots. */
export const compareFingerprint = task({
  name: 'CompareFingerprint',
  input: v.object({
    instanceId,
    fingerprintKey: v.string(),
    isolated: v.boolean(),
    overrides: launchOverrides,
  }),
  output: v.object({
    volumes: v.array(v.object({ volumeId: v.string(), deviceName: v.string(), snapshotId: v.string() })),
    fingerprint: fingerprintComparison,
  }),
  aws: (settings) => ({ ec2: new EC2Client(settings), s3: new S3Client(settings) }),
  run: async ({ instanceId, fingerprintKey, isolated, overrides }, { aws, config }) => {
    const place = { bucket: config.evidenceBucket, key: fingerprintKey };
    const { fingerprint: expected } = await readLaunch(aws.s3, place);
    const instance = await describeInstance(aws.ec2, instanceId);
    const volumes = await describeVolumes(aws.ec2, instance);
    const actual = fingerprintOf(instance, volumes, await readUserData(aws.ec2, instanceId));
    return {
      volumes: volumeFactsOf(instance, volumes).map(({ volumeId, deviceName }) => ({
        volumeId,
        deviceName,
        snapshotId: volumes.find((volume) => volume.VolumeId === volumeId)?.SnapshotId ?? '',
      })),
      fingerprint: compareFingerprints(expected, actual, { isolated, changed: changedFields(overrides) }),
    };
  },
});
