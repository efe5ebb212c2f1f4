import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { keep, pointKey, userDataKey } from '../../shared/evidenceStore.ts';
import {
  describeInstance,
  describeVolumes,
  fingerprintOf,
  readUserData,
} from '../../shared/instanceFacts.ts';
import { instanceId, runId } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/** Keeps how the instance was launched, in the evidence bucket, so that its like can be launched without it. */
export const saveFingerprint = task({
  name: 'SaveFingerprint',
  input: v.object({ runId, instanceId }),
  output: v.object({ bucket: v.string(), key: v.string() }),
  aws: (settings) => ({ ec2: new EC2Client(settings), s3: new S3Client(settings) }),
  run: async ({ runId, instanceId }, { aws, config }) => {
    const instance = await describeInstance(aws.ec2, instanceId);
    const volumes = await describeVolumes(aws.ec2, instance);
    const userData = await readUserData(aws.ec2, instanceId);
    const bucket = config.evidenceBucket;
    const key = pointKey(instanceId, runId, 'fingerprint.json');
    const print = fingerprintOf(instance, volumes, userData);
    if (userData) await keep(aws.s3, { bucket, key: userDataKey(key) }, userData);
    await keep(aws.s3, { bucket, key }, JSON.stringify(print, null, 2));
    return { bucket, key };
  },
});
