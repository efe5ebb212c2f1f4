import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { packageTemplate } from '../../../local/deploy/package.ts';

test('the real packaging stops at a policy file with a fault, before it builds anything', async () => {
  const project = mkdtempSync(join(tmpdir(), 'package-'));
  const shared = [
    'functions',
    'node_modules',
    'package-lock.json',
    'package.json',
    'resources',
    'serverless.yml',
  ];
  for (const each of [...shared, 'shared', 'statemachines']) symlinkSync(resolve(each), join(project, each));
  writeFileSync(join(project, 'policies.yml'), 'policies:\n  nightly:\n    capture: ami\n    keep: {}\n');
  const packaging = packageTemplate({ stage: 'dev', region: 'eu-west-1', project });
  await expect(packaging).rejects.toThrow(
    /policies\.yml cannot be deployed policies\.yml:4: policies\.nightly\.keep: keeps nothing: /,
  );
  expect(readdirSync(join(project, '.backup-drill', 'package'))).toEqual([]);
  rmSync(project, { recursive: true });
}, 60_000);
