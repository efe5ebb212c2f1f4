import type { KeyMetadata } from '@aws-sdk/client-kms';

/** Why volumes under this key would not come up again, or undefined. `ownAccount` is where our rights to grants end. */
export function keyFault(key: KeyMetadata | undefined, ownAccount: string): string | undefined {
  if (!key) return 'the key of a volume is not there';
  if (key.KeyState !== 'Enabled') return `key ${key.KeyId} of a volume is ${key.KeyState}`;
  const owner = key.Arn?.split(':')[4];
  if (owner !== ownAccount) return `key ${key.KeyId} of a volume is account ${owner}'s`;
  return undefined;
}
