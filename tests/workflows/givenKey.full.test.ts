import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { AccountIam } from '../../local/account/iam/accountIam.ts';
import { readPolicy } from '../../local/account/iam/policy.ts';
import type { Kms } from '../../local/account/kms/kms.ts';
import { packageTemplate } from '../../local/deploy/package.ts';
import { World } from './world.ts';

const PROJECT = join(import.meta.dirname, '../..');
const KEY = '11111111-2222-3333-4444-555555555555';
const ARN = `arn:aws:kms:eu-west-1:123456789012:key/${KEY}`;
/** What docs/costs.md asks of such a key: IAM decides for the account, and EventBridge may publish. */
const KEY_POLICY = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Action: 'kms:*', Resource: '*' },
    {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Resource: '*',
    },
  ],
};

/** The project, but its stages have a given key. */
function projectWithGivenKey(): string {
  const project = mkdtempSync(join(tmpdir(), 'given-key-'));
  const skipped = ['.backup-drill', '.git', '.serverless', 'serverless.yml'];
  for (const file of readdirSync(PROJECT).filter((name) => !skipped.includes(name)))
    symlinkSync(join(PROJECT, file), join(project, file));
  const text = readFileSync(join(PROJECT, 'serverless.yml'), 'utf8');
  expect(text).toContain('    key: own\n    keyArn: none\n');
  writeFileSync(
    join(project, 'serverless.yml'),
    text.replace('    key: own\n    keyArn: none\n', `    key: given\n    keyArn: ${ARN}\n`),
  );
  return project;
}

test('a stack with a given key makes none, and its drill passes under the rights that name that key', async () => {
  const project = projectWithGivenKey();
  const packaged = await packageTemplate({ stage: 'dev', region: 'eu-west-1', project });
  const template = readFileSync(join(packaged, 'cloudformation-template-update-stack.json'), 'utf8');
  expect(template).not.toContain('AWS::KMS::');
  const world = await World.start({
    packaged,
    prepare: (account, region) => {
      expect(account.service<Kms>('kms', region).createKey(KEY).arn).toBe(ARN);
      (account.iam as AccountIam).putResourcePolicy(ARN, readPolicy(KEY_POLICY, 'the policy of the key'));
    },
  });
  try {
    const drill = await world.run('dr-drill', {});
    expect(drill).toMatchObject({ status: 'SUCCEEDED', output: { verdict: 'PASS', leftovers: [] } });
  } finally {
    await world.close();
    rmSync(project, { recursive: true });
  }
}, 240_000);
