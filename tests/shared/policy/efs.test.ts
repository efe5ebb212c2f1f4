import { describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { faultLines } from '../../../shared/parsed.ts';
import { efsPolicy, policyBody } from '../../../shared/policy/policy.ts';

const small = {
  capture: 'efs',
  source: 'fs-0123456789abcdef0',
  destination: { stack: true },
  vpc: 'vpc-0123456789abcdef0',
  subnets: ['subnet-0123456789abcdef0'],
  keep: { daily: 7 },
};

describe('a policy for EFS', () => {
  test('says little, and the rest is given', () => {
    expect(v.parse(efsPolicy, { name: 'home', ...small })).toMatchObject({
      prefix: 'backup-drill',
      windowMinutes: 180,
      securityGroups: [],
      allowEmpty: false,
      notify: 'failures',
      maxDeletions: { percent: 50 },
    });
    expect(v.parse(efsPolicy, { name: 'home', ...small }).metricsEndpoint).toBeUndefined();
  });

  test.each([
    [{ windowMinutes: 59 }, 'windowMinutes'],
    [{ windowMinutes: 1321 }, 'windowMinutes'],
    [{ prefix: '../up' }, 'is no folder'],
    [{ prefix: '-dash' }, 'is no folder'],
    [{ destination: {} }, 'must be { id: fs-… }'],
    [{ destination: { stack: false } }, 'must be { id: fs-… }'],
    [{ source: 'home' }, 'is no id of a file system'],
    [{ metricsEndpoint: 'http://example.com' }, 'is no https address'],
    [{ consistency: 'stop' }, 'there is no such key'],
  ])('with %j is refused: %s', (wrong, words) => {
    const { issues = [] } = v.safeParse(policyBody, { ...small, ...wrong });
    expect(faultLines(issues, '').join('\n')).toContain(words);
  });
});
