import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import { unlessNotFound } from './awsErrors.ts';
import { findImage, snapshotsOfImage } from './imageFacts.ts';
import type { InterlockFacts } from './interlock.ts';

/** Reads afresh everything that the terminate interlock decides by. */
export async function readInterlockFacts(
  aws: { ec2: EC2Client; sts: STSClient },
  { instanceId, imageId }: { instanceId: string; imageId: string },
): Promise<InterlockFacts> {
  const found = await unlessNotFound(
    aws.ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] })),
    'InvalidInstanceID.NotFound',
  );
  const reservation = found?.Reservations?.[0];
  const image = await findImage(aws.ec2, imageId);
  const protection = await unlessNotFound(
    aws.ec2.send(
      new DescribeInstanceAttributeCommand({ InstanceId: instanceId, Attribute: 'disableApiTermination' }),
    ),
    'InvalidInstanceID.NotFound',
  );
  return {
    instance: reservation?.Instances?.[0],
    ownerId: reservation?.OwnerId,
    callerAccountId: (await aws.sts.send(new GetCallerIdentityCommand({}))).Account,
    image,
    snapshots: image ? await snapshotsOfImage(aws.ec2, image, []) : [],
    terminationProtected: protection?.DisableApiTermination?.Value,
  };
}
