import type { Image } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { readConfig } from '../../shared/config.ts';
import type { Fingerprint } from '../../shared/fingerprint.ts';
import { keepsUserData, type LaunchPlan, launchRequest } from '../../shared/launch.ts';

const config = readConfig({
  DEPLOYMENT: 'backup-drill-test',
  RUNS_TABLE: 'runs',
  POINTS_TABLE: 'points',
  STAGING_BUCKET: 'staging',
  EVIDENCE_BUCKET: 'evidence',
  KEY_ARN: 'arn:aws:kms:eu-west-1:123456789012:key/1',
  TOPIC_ARN: 'topic',
  VPC_ID: 'vpc-s',
  SUBNET_ID: 'subnet-sandbox',
  INSTANCE_SECURITY_GROUP: 'sg-sandbox',
  ENDPOINT_SECURITY_GROUP: 'sg-endpoints',
  INSTANCE_PROFILE: 'sandbox',
  INSTANCE_ROLE_ARN: 'arn:aws:iam::123456789012:role/sandbox',
  DOCUMENT_PREFIX: 'backup-drill-test',
  AWS_REGION: 'eu-west-1',
});
const fingerprint: Fingerprint = {
  instanceType: 't4g.small',
  subnetId: 'subnet-1',
  privateIpAddresses: ['10.0.0.5'],
  securityGroupIds: ['sg-1'],
  instanceProfile: 'web',
  keyName: 'admin',
  ebsOptimized: true,
  metadata: { httpTokens: 'optional', hopLimit: 2, instanceTags: 'disabled' },
  rootDeviceName: '/dev/xvda',
  volumes: [
    {
      deviceName: '/dev/xvda',
      sizeGiB: 8,
      type: 'gp3',
      iops: 4000,
      throughput: 200,
      encrypted: true,
      deleteOnTermination: false,
    },
    {
      deviceName: '/dev/sdf',
      sizeGiB: 8,
      type: 'gp2',
      iops: 100,
      encrypted: false,
      deleteOnTermination: false,
    },
  ],
  tags: { Name: 'web', 'backup-policy': 'nightly' },
};
const image: Image = {
  ImageId: 'ami-1',
  BlockDeviceMappings: [
    { DeviceName: '/dev/xvda', Ebs: { SnapshotId: 'snap-1', Encrypted: true } },
    { DeviceName: '/dev/sdf', Ebs: { SnapshotId: 'snap-2', Encrypted: false } },
    { DeviceName: '/dev/sdb', VirtualName: 'ephemeral0' },
  ],
};
const plan: LaunchPlan = {
  fingerprint,
  image,
  isolated: false,
  overrides: {},
  userData: Buffer.from('#!/bin/sh'),
  tags: { drill: 'yes' },
  runId: 'run-1',
};

describe('the launch of a recovery point', () => {
  test('in the sandbox takes nothing of the source but its type and volumes', () => {
    const request = launchRequest({ ...plan, isolated: true, userData: undefined }, config);
    expect(request).toMatchObject({
      ClientToken: 'run-1-restore',
      InstanceType: 't4g.small',
      SubnetId: 'subnet-sandbox',
      SecurityGroupIds: ['sg-sandbox'],
      IamInstanceProfile: { Name: 'sandbox' },
      MetadataOptions: { HttpTokens: 'required' },
    });
    const text = JSON.stringify(request);
    for (const foreign of ['10.0.0.5', 'sg-1"', 'admin', 'nightly', 'UserData'])
      expect(text).not.toContain(foreign);
    expect(request.TagSpecifications?.[0]?.Tags).toEqual([
      { Key: 'Name', Value: 'backup-drill-test restored copy' },
      { Key: 'drill', Value: 'yes' },
      { Key: 'backup-drill:deployment', Value: 'backup-drill-test' },
      { Key: 'backup-drill:run', Value: 'run-1' },
    ]);
  });

  test('in its own place is as it was, but with the safer metadata service', () => {
    const request = launchRequest(plan, config);
    expect(request).toMatchObject({
      SubnetId: 'subnet-1',
      PrivateIpAddress: '10.0.0.5',
      SecurityGroupIds: ['sg-1'],
      IamInstanceProfile: { Name: 'web' },
      KeyName: 'admin',
      UserData: Buffer.from('#!/bin/sh').toString('base64'),
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
    });
    expect(request.TagSpecifications?.[0]?.Tags).toContainEqual({ Key: 'backup-policy', Value: 'nightly' });
  });

  test('gives every volume its kind and speed back, and encrypts what was not', () => {
    expect(launchRequest(plan, config).BlockDeviceMappings).toEqual([
      {
        DeviceName: '/dev/xvda',
        Ebs: { Encrypted: true, DeleteOnTermination: false, VolumeType: 'gp3', Iops: 4000, Throughput: 200 },
      },
      {
        DeviceName: '/dev/sdf',
        Ebs: { Encrypted: true, DeleteOnTermination: false, KmsKeyId: config.keyArn, VolumeType: 'gp2' },
      },
    ]);
  });

  test('in another subnet takes a free address there', () => {
    const elsewhere = launchRequest({ ...plan, overrides: { subnetId: 'subnet-2' } }, config);
    expect(elsewhere.SubnetId).toBe('subnet-2');
    expect(elsewhere.PrivateIpAddress).toBeUndefined();
    const beside = launchRequest({ ...plan, overrides: { privateIpAddress: 'auto' } }, config);
    expect(beside.PrivateIpAddress).toBeUndefined();
  });

  test('user data runs again only outside the sandbox, and not when it is to be dropped', () => {
    expect(keepsUserData(false, {})).toBe(true);
    expect(keepsUserData(true, { userData: 'keep' })).toBe(false);
    expect(keepsUserData(false, { userData: 'drop' })).toBe(false);
  });
});
