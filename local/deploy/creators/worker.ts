import { z } from 'zod';
import type { AutoScaling } from '../../account/autoscaling/autoscaling.ts';
import type { Ec2Service } from '../../account/ec2/ec2.ts';
import type { Efs } from '../../account/efs/efs.ts';
import { type Creator, generatedName, read } from '../stack.ts';

const tags = z.array(z.object({ Key: z.string(), Value: z.string() })).default([]);

export const launchTemplate: Creator = (stack, id, properties) => {
  const schema = z.strictObject({
    LaunchTemplateName: z.string().optional(),
    TagSpecifications: z.unknown().optional(),
    LaunchTemplateData: z.strictObject({
      ImageId: z.string(),
      InstanceType: z.enum([
        't4g.small',
        't4g.medium',
        'c7gn.large',
        'c7gn.xlarge',
        'm7g.large',
        'm7g.xlarge',
      ]),
      IamInstanceProfile: z.strictObject({ Arn: z.string() }),
      SecurityGroupIds: z.array(z.string()),
      MetadataOptions: z.strictObject({
        HttpTokens: z.literal('required'),
        HttpEndpoint: z.literal('enabled'),
        HttpPutResponseHopLimit: z.number(),
      }),
      BlockDeviceMappings: z.array(
        z.strictObject({
          DeviceName: z.string(),
          Ebs: z.strictObject({
            Encrypted: z.boolean(),
            VolumeType: z.literal('gp3'),
            VolumeSize: z.number(),
            DeleteOnTermination: z.boolean(),
          }),
        }),
      ),
      TagSpecifications: z.array(
        z.strictObject({ ResourceType: z.enum(['instance', 'volume']), Tags: tags }),
      ),
      UserData: z.string(),
    }),
  });
  const { LaunchTemplateData } = read(schema, properties, id);
  const ec2 = stack.account.service<Ec2Service>('ec2', stack.region);
  const ref = ec2.launchTemplates.create(LaunchTemplateData);
  return { ref, attributes: { LaunchTemplateId: ref, LatestVersionNumber: '1' } };
};

export const autoScalingGroup: Creator = (stack, id, properties) => {
  const schema = z.strictObject({
    AutoScalingGroupName: z.string().optional(),
    MinSize: z.coerce.number(),
    MaxSize: z.coerce.number(),
    DesiredCapacity: z.coerce.number().optional(),
    VPCZoneIdentifier: z.array(z.string()).min(1),
    LaunchTemplate: z.strictObject({ LaunchTemplateId: z.string(), Version: z.string() }),
    LifecycleHookSpecificationList: z
      .tuple([
        z.strictObject({
          LifecycleHookName: z.string(),
          LifecycleTransition: z.literal('autoscaling:EC2_INSTANCE_TERMINATING'),
          HeartbeatTimeout: z.number().min(30).max(7200),
          DefaultResult: z.enum(['CONTINUE', 'ABANDON']),
        }),
      ])
      .optional(),
    Tags: z
      .array(z.strictObject({ Key: z.string(), Value: z.string(), PropagateAtLaunch: z.boolean() }))
      .default([]),
  });
  const found = read(schema, properties, id);
  const name = found.AutoScalingGroupName ?? generatedName(stack, id);
  const [hook] = found.LifecycleHookSpecificationList ?? [];
  stack.account.service<AutoScaling>('autoscaling', stack.region).createGroup({
    name,
    minSize: found.MinSize,
    maxSize: found.MaxSize,
    desired: found.DesiredCapacity ?? found.MinSize,
    templateId: found.LaunchTemplate.LaunchTemplateId,
    subnetIds: found.VPCZoneIdentifier,
    tags: found.Tags,
    ...(hook && {
      hook: {
        name: hook.LifecycleHookName,
        heartbeatSeconds: hook.HeartbeatTimeout,
        defaultResult: hook.DefaultResult,
      },
    }),
  });
  return { ref: name };
};

export const fileSystem: Creator = (stack, id, properties) => {
  const schema = z.strictObject({
    Encrypted: z.boolean(),
    KmsKeyId: z.string().optional(),
    PerformanceMode: z.literal('generalPurpose').optional(),
    ThroughputMode: z.enum(['elastic', 'bursting']).optional(),
    LifecyclePolicies: z.unknown().optional(),
    BackupPolicy: z.unknown().optional(),
    FileSystemTags: tags,
    FileSystemPolicy: z.unknown().optional(),
  });
  const { Encrypted, KmsKeyId, FileSystemTags, FileSystemPolicy } = read(schema, properties, id);
  const efs = stack.account.service<Efs>('elasticfilesystem', stack.region);
  const ref = efs.createFileSystem({
    encrypted: Encrypted,
    tags: FileSystemTags,
    ...(KmsKeyId !== undefined && { keyArn: KmsKeyId }),
    ...(FileSystemPolicy !== undefined && { policy: FileSystemPolicy }),
  });
  return { ref, attributes: { Arn: efs.arn(ref), FileSystemId: ref } };
};

export const mountTarget: Creator = (stack, id, properties) => {
  const schema = z.strictObject({
    FileSystemId: z.string(),
    SubnetId: z.string(),
    SecurityGroups: z.array(z.string()),
  });
  const { FileSystemId, SubnetId } = read(schema, properties, id);
  const { vpcId, zone } = stack.account.service<Ec2Service>('ec2', stack.region).network.place(SubnetId);
  const efs = stack.account.service<Efs>('elasticfilesystem', stack.region);
  return { ref: efs.createMountTarget({ FileSystemId, SubnetId, VpcId: vpcId, zone }) };
};
