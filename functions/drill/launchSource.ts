import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import { ResourceNotFound } from '../../shared/errors.ts';
import { instanceType } from '../../shared/fingerprint.ts';
import { findImage } from '../../shared/imageFacts.ts';
import { instant } from '../../shared/instant.ts';
import { intend, type LedgerKey, made } from '../../shared/ledger.ts';
import { imageId, instanceId, runId } from '../../shared/recoveryPoint.ts';
import { sourceRequest } from '../../shared/source.ts';
import { task } from '../../shared/task.ts';

/**
 * Launches the instance that a sandbox drill backs up, terminates and restores: from a public image, into the sandbox,
 * with blank data volumes. The ledger knows of it first; its client token makes a repeat return the same instance.
 * @throws ResourceNotFound when the parameter or the image it names is not there.
 */
export const launchSource = task({
  name: 'LaunchSource',
  input: v.object({
    runId,
    instanceType,
    imageParameter: v.string(),
    dataVolumes: v.array(v.object({ deviceName: v.string() })),
  }),
  output: v.object({
    instanceId,
    imageId,
    /** ISO 8601, EC2's own. */
    launchTime: instant,
    accountId: v.string(),
    launchedAt: instant,
  }),
  aws: (settings) => ({
    ec2: new EC2Client(settings),
    ssm: new SSMClient(settings),
    dynamodb: new DynamoDBClient(settings),
  }),
  run: async (input, { aws, now, config }) => {
    const { Parameter } = await aws.ssm.send(new GetParameterCommand({ Name: input.imageParameter }));
    const image = await findImage(aws.ec2, Parameter?.Value ?? '');
    if (!image?.ImageId)
      throw new ResourceNotFound(`${input.imageParameter} names ${Parameter?.Value}, which is no image`);
    const line: LedgerKey = { runId: input.runId, kind: 'instance', key: 'source' };
    await intend(aws.dynamodb, config.runsTable, { ...line, keep: false });
    const { Instances, OwnerId } = await aws.ec2.send(
      new RunInstancesCommand(sourceRequest({ ...input, image }, config)),
    );
    const id = Instances?.[0]?.InstanceId ?? '';
    await made(aws.dynamodb, config.runsTable, { ...line, id });
    const launchTime = (Instances?.[0]?.LaunchTime ?? now()).toISOString();
    const launchedAt = now().toISOString();
    return { instanceId: id, imageId: image.ImageId, launchTime, accountId: OwnerId ?? '', launchedAt };
  },
});
