import type { _InstanceType, Image, RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import type { Config } from './config.ts';
import { TAG, tagList } from './tags.ts';

/** How the source of a sandbox drill is to be launched. */
export interface SourcePlan {
  runId: string;
  image: Image;
  instanceType: _InstanceType;
  dataVolumes: readonly { deviceName: string }[];
}

const DATA_GIB = 8; // room for the largest tar that the command line uploads, 5 GB, unpacked

/**
 * The launch of a drill's own source: in the sandbox, with encrypted volumes that go with it, version 2 of the
 * metadata service only, no user data, and the tag without which nothing terminates it.
 */
export function sourceRequest(plan: SourcePlan, config: Config): RunInstancesCommandInput {
  const { sandbox, deployment, keyArn } = config;
  const ours = { [TAG.deployment]: deployment, [TAG.run]: plan.runId };
  const tags = tagList({ Name: `${deployment} drill source`, ...ours });
  const encrypted = {
    Encrypted: true,
    KmsKeyId: keyArn,
    VolumeType: 'gp3' as const,
    DeleteOnTermination: true,
  };
  return {
    ClientToken: `${plan.runId}-source`,
    ImageId: plan.image.ImageId,
    MinCount: 1,
    MaxCount: 1,
    InstanceType: plan.instanceType,
    SubnetId: sandbox.subnetId,
    SecurityGroupIds: [sandbox.instanceSecurityGroup],
    IamInstanceProfile: { Name: sandbox.instanceProfile },
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
    BlockDeviceMappings: [
      { DeviceName: plan.image.RootDeviceName, Ebs: encrypted },
      ...plan.dataVolumes.map(({ deviceName }) => ({
        DeviceName: deviceName,
        Ebs: { ...encrypted, VolumeSize: DATA_GIB },
      })),
    ],
    TagSpecifications: [
      { ResourceType: 'instance', Tags: [...tags, ...tagList({ [TAG.terminate]: 'allowed' })] },
      { ResourceType: 'volume', Tags: tags },
      { ResourceType: 'network-interface', Tags: tags },
    ],
  };
}
