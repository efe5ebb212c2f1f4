import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { agentHasPath } from '../../shared/agent.ts';
import { ResourceNotFound } from '../../shared/errors.ts';
import { readKept, readLaunch } from '../../shared/evidenceStore.ts';
import { findImage } from '../../shared/imageFacts.ts';
import { instant } from '../../shared/instant.ts';
import { keepsUserData, launchOverrides, launchRequest } from '../../shared/launch.ts';
import { intend, type LedgerKey, made } from '../../shared/ledger.ts';
import { endpointsOf } from '../../shared/networkFacts.ts';
import { imageId, instanceId, runId } from '../../shared/recoveryPoint.ts';
import { tagValues } from '../../shared/tagValues.ts';
import { task } from '../../shared/task.ts';

/**
 * Launches an instance from a recovery point as its fingerprint says, or into the sandbox. The ledger knows of it
 * first; its client token makes a repeat return the same instance.
 */
export const launchFromPoint = task({
  name: 'LaunchFromPoint',
  input: v.object({
    runId,
    imageId,
    fingerprintKey: v.string(),
    isolated: v.boolean(),
    overrides: launchOverrides,
    tags: tagValues,
    keep: v.boolean(),
  }),
  output: v.object({
    instanceId,
    launchedAt: instant,
    /** Its agent should come online: outside the sandbox, and in it while it has endpoints. */
    agentExpected: v.boolean(),
  }),
  aws: (settings) => ({
    ec2: new EC2Client(settings),
    s3: new S3Client(settings),
    dynamodb: new DynamoDBClient(settings),
  }),
  run: async (input, { aws, now, config }) => {
    const place = { bucket: config.evidenceBucket, key: input.fingerprintKey };
    const { fingerprint, userDataKey } = await readLaunch(aws.s3, place);
    const image = await findImage(aws.ec2, input.imageId);
    if (!image) throw new ResourceNotFound(`there is no image ${input.imageId}`);
    const again = fingerprint.userDataSha256 !== undefined && keepsUserData(input.isolated, input.overrides);
    const userData = again ? await readKept(aws.s3, { ...place, key: userDataKey }) : undefined;
    const line: LedgerKey = { runId: input.runId, kind: 'instance', key: 'restored' };
    await intend(aws.dynamodb, config.runsTable, { ...line, keep: input.keep });
    const request = launchRequest({ ...input, fingerprint, image, userData }, config);
    const { Instances } = await aws.ec2.send(new RunInstancesCommand(request));
    const id = Instances?.[0]?.InstanceId ?? '';
    await made(aws.dynamodb, config.runsTable, { ...line, id });
    const launchedAt = (Instances?.[0]?.LaunchTime ?? now()).toISOString();
    const endpoints = await endpointsOf(aws.ec2, config.sandbox.vpcId);
    return { instanceId: id, launchedAt, agentExpected: !input.isolated || agentHasPath(endpoints, config) };
  },
});
