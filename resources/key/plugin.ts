/** Serverless plugin: a stage whose key is `given` has to name one, before anything is built. */
import type { Serverless } from '../packaging/serverless.ts';

const KEY_ARN = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:key\/[A-Za-z0-9-]+$/;

export default class GivenKey {
  readonly hooks: Record<string, () => void>;

  constructor(serverless: Serverless) {
    this.hooks = { 'before:package:initialize': () => checkKey(serverless) };
  }
}

/** @throws the framework's own Error, which it shows without a stack */
function checkKey(serverless: Serverless): void {
  const { service, classes } = serverless;
  const { keyArn } = service.custom;
  if (typeof keyArn !== 'string') return; // the stack's own
  const region = serverless.getProvider('aws').getRegion();
  const said = `params.keyArn in serverless.yml is ${keyArn}, but key: given needs`;
  const found = KEY_ARN.exec(keyArn);
  if (!found)
    throw new classes.Error(`${said} the ARN of a KMS key, arn:aws:kms:${region}:<account>:key/<id>`);
  if (found[1] !== region) throw new classes.Error(`${said} a key of ${region}, the Region of the stack`);
}
