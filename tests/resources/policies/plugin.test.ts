import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Template } from '../../../resources/packaging/serverless.ts';
import Policies from '../../../resources/policies/plugin.ts';
import { schemaText } from '../../../resources/policies/schema.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'policies-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

class UserError extends Error {}

/** Packages with a policy file; gives the resources and the warnings. */
function packaged(text: string | undefined, name = 'policies.yml') {
  if (text !== undefined) writeFileSync(join(folder, name), text);
  const warnings: string[] = [];
  const template: Template = { Resources: {} };
  const { hooks } = new Policies(
    {
      serviceDir: folder,
      classes: { Error: UserError },
      service: {
        service: 'backup-drill',
        custom: { policies: name },
        provider: { tags: { team: 'ops' }, compiledCloudFormationTemplate: template },
        getAllFunctions: () => [],
        getFunction: () => ({ handler: '' }),
      },
      getProvider: () => ({ getStage: () => 'dev', getRegion: () => 'eu-west-1' }),
    },
    {},
    { log: { warning: (line) => warnings.push(line) } },
  );
  hooks['before:package:initialize']?.();
  hooks['before:package:finalize']?.();
  return { resources: template.Resources, warnings };
}

test('a policy becomes a parameter that holds what the file says of it', () => {
  const { resources } = packaged(
    'tagKey: backup\npolicies: { every-night: { capture: ami, keep: { days: 7 } } }',
  );
  expect(resources.EveryNightPolicyParameter).toEqual({
    Type: 'AWS::SSM::Parameter',
    Properties: {
      Name: '/backup-drill-dev/policies/every-night',
      Type: 'String',
      Tier: 'Standard',
      Description: 'The policy every-night; change it in policies.yml and deploy',
      Value: '{"name":"every-night","tagKey":"backup","capture":"ami","keep":{"days":7}}',
      Tags: { team: 'ops' },
    },
  });
});

test('a file with a fault stops the packaging at its beginning, in lines that a person can act on', () => {
  const file = 'policies:\n  nightly:\n    capture: ami\n    keep: {}\n    notfy: x\n';
  expect(() => packaged(file, 'policies.prod.yml')).toThrow(UserError);
  expect(() => packaged(file, 'policies.prod.yml')).toThrow(
    /^policies\.prod\.yml cannot be deployed\npolicies\.prod\.yml:4: policies\.nightly\.keep: .*\npolicies\.prod\.yml:5: policies\.nightly\.notfy: .*$/,
  );
});

test('what works only in the Region of the stage is refused for another one, though it is only one', () => {
  const of = (region: string) =>
    `policies: { a: { capture: ami, keep: { days: 7 }, select: { regions: [${region}] } } }`;
  expect(packaged(of('eu-west-1')).warnings).toEqual([]);
  expect(() => packaged(of('us-east-1'))).toThrow(
    'policies.yml:1: policies.a.select.regions: consistency reboot works only in the Region of the stage, eu-west-1; deploy',
  );
});

test('a file that is not there is named', () => {
  expect(() => packaged(undefined, 'policies.none.yml')).toThrow(
    'policies.none.yml is not there; params.policies',
  );
});

test('what only wants to be read is shown, and stops nothing', () => {
  const { resources, warnings } = packaged(
    'policies: { a: { capture: ami, keep: { days: 7 }, schedule: { cron: "30 2 * * ? *", timezone: Europe/Vienna } } }',
  );
  expect(warnings).toEqual([expect.stringContaining('policies.yml:1: policies.a.schedule.cron: ')]);
  expect(Object.keys(resources)).toContain('APolicyParameter');
});

test('policies.schema.json is what the schema says now (npm run schema)', () => {
  expect(readFileSync('policies.schema.json', 'utf8')).toBe(schemaText());
});
