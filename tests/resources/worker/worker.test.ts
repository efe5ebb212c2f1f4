import { describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { workerResources } from '../../../resources/worker/worker.ts';
import { policyBody } from '../../../shared/policy/policy.ts';

const written = {
  capture: 'efs',
  source: 'fs-0123456789abcdef0',
  destination: { id: 'fs-0123456789abcdef1' },
  vpc: 'vpc-0123456789abcdef0',
  subnets: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
  keep: { daily: 7 },
};

// biome-ignore lint/suspicious/noExplicitAny: a template
function resources(more: object = {}): Record<string, any> {
  const policy = v.parse(policyBody, { ...written, ...more });
  if (policy.capture !== 'efs') throw new Error('not EFS');
  return workerResources('home-dirs', policy, {
    deployment: 'backup-drill-dev',
    userData: 'mount it\n',
    tags: { 'backup-drill:deployment': 'backup-drill-dev' },
  });
}

describe('the worker of a policy', () => {
  test('takes IMDSv2 only, has no key pair, an encrypted root, and the newest Ubuntu at each launch', () => {
    const { LaunchTemplateData: data } = resources().HomeDirsWorkerTemplate.Properties;
    expect(data.MetadataOptions.HttpTokens).toBe('required');
    expect(data.KeyName).toBeUndefined();
    expect(data.BlockDeviceMappings[0].Ebs.Encrypted).toBe(true);
    expect(data.ImageId).toMatch(/^resolve:ssm:\/aws\/service\/canonical\/ubuntu\/server\/24\.04\/.*arm64/);
  });

  test('lets nothing in, and out only to HTTPS, packages and file systems', () => {
    const { SecurityGroupIngress, SecurityGroupEgress } = resources().HomeDirsWorkerSecurityGroup.Properties;
    expect(SecurityGroupIngress).toBeUndefined();
    expect(SecurityGroupEgress.map(({ FromPort }: { FromPort: number }) => FromPort)).toEqual([
      443, 80, 2049,
    ]);
  });

  test('is in a group of none or one, with a terminating hook', () => {
    const group = resources().HomeDirsWorkerGroup.Properties;
    expect([group.AutoScalingGroupName, group.MinSize, group.MaxSize, group.DesiredCapacity]).toEqual([
      'backup-drill-dev-efs-home-dirs',
      '0',
      '1',
      undefined,
    ]);
    expect(group.LifecycleHookSpecificationList).toMatchObject([
      { LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING', DefaultResult: 'CONTINUE' },
    ]);
  });

  test("may be launched from the user's own image", () => {
    const { ImageId } = resources({ workerAmi: 'ami-0123456789abcdef0' }).HomeDirsWorkerTemplate.Properties
      .LaunchTemplateData;
    expect(ImageId).toBe('ami-0123456789abcdef0');
  });

  test('has a file system made for it only where the policy says so: encrypted, kept, reached from each subnet', () => {
    const kinds = (all: object) => Object.values(all).map(({ Type }: { Type: string }) => Type);
    expect(kinds(resources())).not.toContain('AWS::EFS::FileSystem');
    const made = resources({ destination: { stack: true } });
    expect(made.HomeDirsFileSystem).toMatchObject({
      DeletionPolicy: 'Retain',
      Properties: { Encrypted: true },
    });
    expect(kinds(made).filter((type) => type === 'AWS::EFS::MountTarget')).toHaveLength(2);
    const tags = made.HomeDirsWorkerGroup.Properties.Tags;
    expect(tags).toContainEqual({
      Key: 'backup-drill:destination',
      Value: { Ref: 'HomeDirsFileSystem' },
      PropagateAtLaunch: false,
    });
  });
});
