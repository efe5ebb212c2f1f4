import { expect, test } from '@jest/globals';
import GivenKey from '../../../resources/key/plugin.ts';

class UserError extends Error {}

/** Packages in eu-west-1 with a key. */
function packaged(keyArn: string | object) {
  const { hooks } = new GivenKey({
    serviceDir: '',
    classes: { Error: UserError },
    service: {
      service: 'backup-drill',
      custom: { policies: 'policies.yml', keyArn },
      provider: { compiledCloudFormationTemplate: { Resources: {} } },
      getAllFunctions: () => [],
      getFunction: () => ({ handler: '' }),
    },
    getProvider: () => ({ getStage: () => 'dev', getRegion: () => 'eu-west-1' }),
  });
  hooks['before:package:initialize']?.();
}

const key = (region: string) => `arn:aws:kms:${region}:111122223333:key/11111111-2222-3333-4444-555555555555`;

test("the stack's own key and a given one of its Region are taken", () => {
  packaged({ 'Fn::GetAtt': ['Key', 'Arn'] });
  packaged(key('eu-west-1'));
});

test.each([
  ['none', 'the ARN of a KMS key, arn:aws:kms:eu-west-1:<account>:key/<id>'],
  ['alias/ours', 'the ARN of a KMS key'],
  [key('us-east-1'), 'a key of eu-west-1, the Region of the stack'],
])('%s in its place stops the packaging at its beginning, in one line', (keyArn, words) => {
  expect(() => packaged(keyArn)).toThrow(UserError);
  expect(() => packaged(keyArn)).toThrow(
    `params.keyArn in serverless.yml is ${keyArn}, but key: given needs ${words}`,
  );
});
