import { WORKER_HOOK, workerGroup } from '../../shared/efs/names.ts';
import type { PolicyBody } from '../../shared/policy/policy.ts';
import { TAG } from '../../shared/tags.ts';
import { logicalWords } from '../policies/parameter.ts';

type EfsBody = Extract<PolicyBody, { capture: 'efs' }>;
type Resource = { Type: string; Properties: object; DeletionPolicy?: string; UpdateReplacePolicy?: string };

/** Canonical's own parameter for its newest Ubuntu LTS; looked up at each launch, so that a worker is never an old one. */
const UBUNTU =
  'resolve:ssm:/aws/service/canonical/ubuntu/server/24.04/stable/current/arm64/hvm/ebs-gp3/ami-id';
/** Gibibytes: Ubuntu, the packages, the lists and logs of a run. */
const ROOT_SIZE = 30;
/** Seconds that a terminating worker is held back at most: the stop, the figures, the upload of the logs. */
const HEARTBEAT = 1200;
const NFS = 2049;

/** What the stack needs for the worker of one policy: its template, group and network, and a file system if it makes one. */
export function workerResources(
  name: string,
  policy: EfsBody,
  { deployment, userData, tags }: { deployment: string; userData: string; tags: Record<string, string> },
): Record<string, Resource> {
  const id = logicalWords(name);
  const made = 'stack' in policy.destination;
  const destination = 'id' in policy.destination ? policy.destination.id : { Ref: `${id}FileSystem` };
  const tagged = { ...tags, [TAG.policy]: name };
  const list = Object.entries(tagged).map(([Key, Value]) => ({ Key, Value }));
  const named = [...list, { Key: 'Name', Value: `${deployment}-efs-${name}` }];
  const host = (of: unknown) => ({
    'Fn::Join': ['', [of, '.efs.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]],
  });
  return {
    [`${id}WorkerSecurityGroup`]: {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: {
        GroupDescription: `${deployment} worker of the EFS policy ${name}`,
        VpcId: policy.vpc,
        // No inbound rule at all. Out: packages and Systems Manager, and the file systems.
        SecurityGroupEgress: [
          { Description: 'HTTPS', IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0' },
          {
            Description: 'Ubuntu packages',
            IpProtocol: 'tcp',
            FromPort: 80,
            ToPort: 80,
            CidrIp: '0.0.0.0/0',
          },
          { Description: 'EFS', IpProtocol: 'tcp', FromPort: NFS, ToPort: NFS, CidrIp: '0.0.0.0/0' },
        ],
        Tags: list,
      },
    },
    [`${id}WorkerTemplate`]: {
      Type: 'AWS::EC2::LaunchTemplate',
      Properties: {
        LaunchTemplateData: {
          ImageId: policy.workerAmi ?? UBUNTU,
          InstanceType: policy.instanceType,
          IamInstanceProfile: { Arn: { 'Fn::GetAtt': ['WorkerProfile', 'Arn'] } },
          SecurityGroupIds: [
            { 'Fn::GetAtt': [`${id}WorkerSecurityGroup`, 'GroupId'] },
            ...policy.securityGroups,
          ],
          MetadataOptions: { HttpTokens: 'required', HttpEndpoint: 'enabled', HttpPutResponseHopLimit: 1 },
          BlockDeviceMappings: [
            {
              DeviceName: '/dev/sda1',
              Ebs: { Encrypted: true, VolumeType: 'gp3', VolumeSize: ROOT_SIZE, DeleteOnTermination: true },
            },
          ],
          TagSpecifications: ['instance', 'volume'].map((ResourceType) => ({ ResourceType, Tags: named })),
          UserData: {
            'Fn::Base64': {
              'Fn::Join': [
                '',
                [
                  '#!/bin/bash\nSOURCE=',
                  host(policy.source),
                  '\nDESTINATION=',
                  host(destination),
                  `\n${userData}`,
                ],
              ],
            },
          },
        },
      },
    },
    [`${id}WorkerGroup`]: {
      Type: 'AWS::AutoScaling::AutoScalingGroup',
      Properties: {
        AutoScalingGroupName: workerGroup(deployment, name),
        MinSize: '0',
        MaxSize: '1',
        VPCZoneIdentifier: policy.subnets,
        LaunchTemplate: {
          LaunchTemplateId: { Ref: `${id}WorkerTemplate` },
          Version: { 'Fn::GetAtt': [`${id}WorkerTemplate`, 'LatestVersionNumber'] },
        },
        LifecycleHookSpecificationList: [
          {
            LifecycleHookName: WORKER_HOOK,
            LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
            HeartbeatTimeout: HEARTBEAT,
            DefaultResult: 'CONTINUE',
          },
        ],
        Tags: [
          ...list.map((tag) => ({ ...tag, PropagateAtLaunch: false })),
          { Key: TAG.destination, Value: destination, PropagateAtLaunch: false },
        ],
      },
    },
    ...(made ? fileSystem(id, policy, named) : {}),
  };
}

/** A file system for generations: encrypted with the stack's key, and kept when the stack goes. */
function fileSystem(id: string, policy: EfsBody, tags: object[]): Record<string, Resource> {
  const targets = policy.subnets.map((SubnetId, index): [string, Resource] => [
    `${id}MountTarget${index + 1}`,
    {
      Type: 'AWS::EFS::MountTarget',
      Properties: {
        FileSystemId: { Ref: `${id}FileSystem` },
        SubnetId,
        SecurityGroups: [{ 'Fn::GetAtt': [`${id}MountSecurityGroup`, 'GroupId'] }],
      },
    },
  ]);
  return {
    [`${id}FileSystem`]: {
      Type: 'AWS::EFS::FileSystem',
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        Encrypted: true,
        KmsKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] },
        PerformanceMode: 'generalPurpose',
        ThroughputMode: 'elastic',
        FileSystemTags: tags,
      },
    },
    [`${id}MountSecurityGroup`]: {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: {
        GroupDescription: 'Lets the worker in to its file system',
        VpcId: policy.vpc,
        SecurityGroupIngress: [
          {
            Description: 'NFS',
            IpProtocol: 'tcp',
            FromPort: NFS,
            ToPort: NFS,
            SourceSecurityGroupId: { 'Fn::GetAtt': [`${id}WorkerSecurityGroup`, 'GroupId'] },
          },
        ],
        SecurityGroupEgress: [{ Description: 'Nowhere', IpProtocol: '-1', CidrIp: '127.0.0.1/32' }],
        Tags: tags,
      },
    },
    ...Object.fromEntries(targets),
  };
}
