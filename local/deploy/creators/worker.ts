import * as v from 'valibot';
import type { AutoScaling } from '../../account/autoscaling/autoscaling.ts';
import type { Ec2Service } from '../../account/ec2/ec2.ts';
import type { Efs } from '../../account/efs/efs.ts';
import { type Creator, generatedName, read } from '../stack.ts';

const tags = v.optional(v.array(v.object({ Key: v.string(), Value: v.string() })), []);

export const launchTemplate: Creator = (stack, id, properties) => {
  const schema = v.strictObject({
    LaunchTemplateName: v.optional(v.string()),
    TagSpecifications: v.optional(v.unknown()),
    LaunchTemplateData: v.strictObject({
      ImageId: v.string(),
      InstanceType: v.picklist([
        't4g.small',
        't4g.medium',
        'c7gn.large',
        'c7gn.xlarge',
        'm7g.large',
        'm7g.xlarge',
      ]),
      IamInstanceProfile: v.strictObject({ Arn: v.string() }),
      SecurityGroupIds: v.array(v.string()),
      MetadataOptions: v.strictObject({
        HttpTokens: v.literal('required'),
        HttpEndpoint: v.literal('enabled'),
        HttpPutResponseHopLimit: v.number(),
      }),
      BlockDeviceMappings: v.array(
        v.strictObject({
          DeviceName: v.string(),
          Ebs: v.strictObject({
            Encrypted: v.boolean(),
            VolumeType: v.literal('gp3'),
            VolumeSize: v.number(),
            DeleteOnTermination: v.boolean(),
          }),
        }),
      ),
      TagSpecifications: v.array(
        v.strictObject({ ResourceType: v.picklist(['instance', 'volume']), Tags: tags }),
      ),
      UserData: v.string(),
    }),
  });
  const { LaunchTemplateData } = read(schema, properties, id);
  const ec2 = stack.account.service<Ec2Service>('ec2', stack.region);
  const ref = ec2.launchTemplates.create(LaunchTemplateData);
  return { ref, attributes: { LaunchTemplateId: ref, LatestVersionNumber: '1' } };
};

export const autoScalingGroup: Creator = (stack, id, properties) => {
  const schema = v.strictObject({
    AutoScalingGroupName: v.optional(v.string()),
    MinSize: v.pipe(v.unknown(), v.transform(Number), v.number()),
    MaxSize: v.pipe(v.unknown(), v.transform(Number), v.number()),
    DesiredCapacity: v.optional(v.pipe(v.unknown(), v.transform(Number), v.number())),
    VPCZoneIdentifier: v.pipe(v.array(v.string()), v.minLength(1)),
    LaunchTemplate: v.strictObject({ LaunchTemplateId: v.string(), Version: v.string() }),
    LifecycleHookSpecificationList: v.optional(
      v.tuple([
        v.strictObject({
          LifecycleHookName: v.string(),
          LifecycleTransition: v.literal('autoscaling:EC2_INSTANCE_TERMINATING'),
          HeartbeatTimeout: v.pipe(v.number(), v.minValue(30), v.maxValue(7200)),
          DefaultResult: v.picklist(['CONTINUE', 'ABANDON']),
        }),
      ]),
    ),
    Tags: v.optional(
      v.array(v.strictObject({ Key: v.string(), Value: v.string(), PropagateAtLaunch: v.boolean() })),
      [],
    ),
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
  const schema = v.strictObject({
    Encrypted: v.boolean(),
    KmsKeyId: v.optional(v.string()),
    PerformanceMode: v.optional(v.literal('generalPurpose')),
    ThroughputMode: v.optional(v.picklist(['elastic', 'bursting'])),
    LifecyclePolicies: v.optional(v.unknown()),
    BackupPolicy: v.optional(v.unknown()),
    FileSystemTags: tags,
    FileSystemPolicy: v.optional(v.unknown()),
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
  const schema = v.strictObject({
    FileSystemId: v.string(),
    SubnetId: v.string(),
    SecurityGroups: v.array(v.string()),
  });
  const { FileSystemId, SubnetId } = read(schema, properties, id);
  const { vpcId, zone } = stack.account.service<Ec2Service>('ec2', stack.region).network.place(SubnetId);
  const efs = stack.account.service<Efs>('elasticfilesystem', stack.region);
  return { ref: efs.createMountTarget({ FileSystemId, SubnetId, VpcId: vpcId, zone }) };
};
