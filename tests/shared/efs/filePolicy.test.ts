import { describe, expect, test } from '@jest/globals';
import { mountFault } from '../../../shared/efs/filePolicy.ts';

const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const everybody = (more: object = {}) => ({
  Effect: 'Allow',
  Principal: { AWS: '*' },
  Action: [
    'elasticfilesystem:ClientMount',
    'elasticfilesystem:ClientRootAccess',
    'elasticfilesystem:ClientWrite',
  ],
  ...more,
});
const ONLY_TLS = {
  Effect: 'Deny',
  Principal: { AWS: '*' },
  Action: '*',
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};
const THROUGH_TARGET = { Bool: { 'elasticfilesystem:AccessedViaMountTarget': 'true' } };

describe('a worker that mounts over TLS and without IAM', () => {
  test.each([
    ['without a policy', undefined],
    ['where everybody may', policy(everybody())],
    ['where everybody may over TLS', policy(everybody(), ONLY_TLS)],
    ['where everybody may through a mount target', policy(everybody({ Condition: THROUGH_TARGET }))],
    ['where all actions are allowed', policy(everybody({ Principal: '*', Action: 'elasticfilesystem:*' }))],
  ])('may mount %s', (_, text) => {
    expect(mountFault(text, 'write')).toBeUndefined();
  });

  test.each([
    [
      'only a role may',
      policy(everybody({ Principal: { AWS: 'arn:aws:iam::123456789012:role/app' } })),
      'allows elasticfilesystem:ClientMount only to clients that mount with IAM',
    ],
    [
      'everybody is denied',
      policy(everybody(), { ...ONLY_TLS, Condition: undefined }),
      'denies elasticfilesystem:ClientMount to clients without IAM',
    ],
    [
      'everybody is denied by a condition that is not known',
      policy(everybody(), { ...ONLY_TLS, Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-1' } } }),
      'denies elasticfilesystem:ClientMount',
    ],
    [
      'root is squashed',
      policy(everybody({ Action: 'elasticfilesystem:ClientMount' })),
      'allows elasticfilesystem:ClientRootAccess only to clients that mount with IAM',
    ],
    [
      'only an access point is let in',
      policy(everybody({ Condition: { StringEquals: { 'elasticfilesystem:AccessPointArn': 'arn:x' } } })),
      'allows elasticfilesystem:ClientMount only',
    ],
  ])('is refused where %s', (_, text, words) => {
    expect(mountFault(text, 'write')).toContain(words);
  });

  test('needs no right to write where it only reads', () => {
    const reading = policy(
      everybody({ Action: ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientRootAccess'] }),
    );
    expect(mountFault(reading, 'read')).toBeUndefined();
    expect(mountFault(reading, 'write')).toContain('ClientWrite');
  });
});
