import { EC2Client, StartInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import * as v from 'valibot';
import { isNamed } from '../../shared/awsErrors.ts';
import { UnsupportedTarget } from '../../shared/errors.ts';
import { describeInstance, describeVolumes } from '../../shared/instanceFacts.ts';
import { instant } from '../../shared/instant.ts';
import { keyFault } from '../../shared/keys.ts';
import { instanceId } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/**
 * Starts an instance; one that is starting or running stays so. With `dryRun` it only proves, before a stop, that this
 * function may start it again: EC2's own dry run, and the keys of its volumes, since a start without a grant on them
 * falls back to stopped minutes later. What only the keys' policies forbid is not seen here.
 * @throws UnsupportedTarget naming what would keep it from starting.
 */
export const startInstance = task({
  name: 'StartInstance',
  input: v.object({ instanceId, dryRun: v.optional(v.boolean(), false) }),
  output: v.object({ instanceId, askedAt: instant }),
  aws: (settings) => ({ ec2: new EC2Client(settings), kms: new KMSClient(settings) }),
  run: async ({ instanceId, dryRun }, { aws, now, config }) => {
    if (dryRun) await requireKeys(instanceId, aws, config.keyArn.split(':')[4] ?? '');
    try {
      await aws.ec2.send(
        new StartInstancesCommand({ InstanceIds: [instanceId], ...(dryRun ? { DryRun: true } : {}) }),
      );
    } catch (error) {
      if (dryRun && error instanceof Error && error.name === 'UnauthorizedOperation')
        throw new UnsupportedTarget(`${instanceId} could not be started again: ${error.message}`);
      if (!isNamed(error, 'DryRunOperation')) throw error; // a dry run's way of saying yes
    }
    return { instanceId, askedAt: now().toISOString() };
  },
});

async function requireKeys(
  instanceId: string,
  aws: { ec2: EC2Client; kms: KMSClient },
  ownAccount: string,
): Promise<void> {
  const volumes = await describeVolumes(aws.ec2, await describeInstance(aws.ec2, instanceId));
  for (const key of new Set(volumes.flatMap((volume) => volume.KmsKeyId ?? []))) {
    const { KeyMetadata } = await aws.kms.send(new DescribeKeyCommand({ KeyId: key }));
    const fault = keyFault(KeyMetadata, ownAccount);
    if (fault) throw new UnsupportedTarget(fault);
  }
}
