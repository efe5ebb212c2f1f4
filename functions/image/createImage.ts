import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { createOrFindImage } from '../../shared/imageCreation.ts';
import { instant } from '../../shared/instant.ts';
import { intend, type LedgerKey, made } from '../../shared/ledger.ts';
import { consistencyAsked, imageId, instanceId, runId } from '../../shared/recoveryPoint.ts';
import { TAG, tagList } from '../../shared/tags.ts';
import { task } from '../../shared/task.ts';

/**
 * Begins the image of an instance, named by run and instance: a repeat finds the first one by that name. With
 * consistency `reboot` EC2 reboots the instance first. @throws NotYetListed while a repeat cannot find it yet.
 */
export const createImage = task({
  name: 'CreateImage',
  input: v.object({
    runId,
    instanceId,
    consistency: consistencyAsked,
    policy: v.optional(v.string()),
    fingerprintKey: v.string(),
    keep: v.boolean(),
  }),
  output: v.object({ imageId, name: v.string(), askedAt: instant }),
  aws: (settings) => ({ ec2: new EC2Client(settings), dynamodb: new DynamoDBClient(settings) }),
  run: async (input, { aws, now, config }) => {
    const askedAt = now().toISOString();
    const name = `backup-drill ${input.instanceId} ${input.runId}`;
    const line: LedgerKey = { runId: input.runId, kind: 'image', key: name };
    await intend(aws.dynamodb, config.runsTable, { ...line, keep: input.keep });
    const tags = tagList({
      Name: name,
      [TAG.deployment]: config.deployment,
      [TAG.run]: input.runId,
      [TAG.resource]: input.instanceId,
      [TAG.status]: 'pending',
      [TAG.fingerprint]: input.fingerprintKey,
      ...(input.policy ? { [TAG.policy]: input.policy } : {}),
    });
    const id = await createOrFindImage(aws.ec2, {
      InstanceId: input.instanceId,
      Name: name,
      Description: `Backup of ${input.instanceId} by ${config.deployment}, run ${input.runId}`,
      NoReboot: input.consistency !== 'reboot',
      TagSpecifications: [
        { ResourceType: 'image', Tags: tags },
        { ResourceType: 'snapshot', Tags: tags },
      ],
    });
    await made(aws.dynamodb, config.runsTable, { ...line, id });
    return { imageId: id, name, askedAt };
  },
});
