import { describe, expect, test } from '@jest/globals';
import { compareFingerprints, type Fingerprint } from '../../shared/fingerprint.ts';

const source: Fingerprint = {
  instanceType: 't4g.small',
  subnetId: 'subnet-1',
  availabilityZone: 'eu-west-1a',
  privateIpAddresses: ['10.0.0.5'],
  securityGroupIds: ['sg-1'],
  instanceProfile: 'web',
  ebsOptimized: true,
  userDataSha256: 'ab',
  metadata: { httpTokens: 'optional', hopLimit: 2, instanceTags: 'disabled' },
  rootDeviceName: '/dev/xvda',
  volumes: [
    {
      deviceName: '/dev/sdf',
      sizeGiB: 8,
      type: 'gp3',
      iops: 3000,
      encrypted: false,
      deleteOnTermination: false,
    },
    {
      deviceName: '/dev/xvda',
      sizeGiB: 8,
      type: 'gp3',
      iops: 3000,
      encrypted: true,
      deleteOnTermination: true,
    },
  ],
  tags: { Name: 'web', team: 'a' },
};
const [data, root] = [source.volumes[0], source.volumes[1]];
const exactly = { isolated: false, changed: [] };

describe('the comparison of launch fingerprints', () => {
  test('an instance launched the same way matches without any difference', () => {
    expect(compareFingerprints(source, structuredClone(source), exactly)).toEqual({
      matches: true,
      differences: [],
    });
  });

  test('a difference that nobody asked for is named with both values, and does not match', () => {
    expect(compareFingerprints(source, { ...source, instanceType: 't4g.nano' }, exactly)).toEqual({
      matches: false,
      differences: [{ field: 'instanceType', expected: 't4g.small', actual: 't4g.nano', onPurpose: false }],
    });
  });

  test('an override makes its own field differ on purpose, and no other', () => {
    const actual = { ...source, instanceType: 't4g.nano' as const, keyName: 'other' };
    const { matches, differences } = compareFingerprints(source, actual, {
      isolated: false,
      changed: ['instanceType'],
    });
    expect(matches).toBe(false);
    expect(differences.map(({ field, onPurpose }) => [field, onPurpose])).toEqual([
      ['instanceType', true],
      ['keyName', false],
    ]);
  });

  test('a copy in the sandbox differs on purpose in its network, rights, boot script and tags only', () => {
    const { userDataSha256: _, ...rest } = source;
    const copy: Fingerprint = {
      ...rest,
      subnetId: 'subnet-sandbox',
      privateIpAddresses: ['10.255.255.9'],
      securityGroupIds: ['sg-sandbox'],
      instanceProfile: 'sandbox',
      tags: {},
    };
    expect(compareFingerprints(source, copy, { isolated: true, changed: [] }).matches).toBe(true);
    expect(compareFingerprints(source, copy, exactly).matches).toBe(false);
    const smaller = { ...copy, instanceType: 't4g.nano' as const };
    expect(compareFingerprints(source, smaller, { isolated: true, changed: [] }).matches).toBe(false);
  });

  test('a volume that is missing differs in every field that it had', () => {
    const actual = { ...source, volumes: root ? [root] : [] };
    const { matches, differences } = compareFingerprints(source, actual, exactly);
    expect(matches).toBe(false);
    expect(differences).toContainEqual({
      field: 'volumes /dev/sdf sizeGiB',
      expected: '8',
      actual: 'none',
      onPurpose: false,
    });
  });

  test('becoming safer is on purpose, becoming less safe is not', () => {
    if (!data || !root) throw new Error('two volumes');
    const safer: Fingerprint = {
      ...source,
      metadata: { ...source.metadata, httpTokens: 'required' },
      volumes: [{ ...data, encrypted: true, kmsKeyId: 'key' }, root],
    };
    expect(compareFingerprints(source, safer, exactly).matches).toBe(true);
    expect(compareFingerprints(safer, source, exactly).matches).toBe(false);
  });
});
