import type { CreateGrantRequest, DescribeKeyRequest } from '@aws-sdk/client-kms';
import type { Account } from '../account.ts';
import { AwsError, type Service } from '../service.ts';

/** KMS as far as backups ask: which key it is, and whether it is enabled. What a caller may do with it, IAM says. */
export class Kms implements Service {
  #account: Account;
  #region: string;
  #keys = new Map<string, { arn: string; enabled: boolean }>();
  #grants = 0;

  constructor(account: Account, region: string) {
    this.#account = account;
    this.#region = region;
  }

  /** Makes a key, as CloudFormation does. */
  createKey(keyId: string): { keyId: string; arn: string } {
    const { partition, id } = this.#account;
    const arn = `arn:${partition}:kms:${this.#region}:${id}:key/${keyId}`;
    this.#keys.set(keyId, { arn, enabled: true });
    return { keyId, arn };
  }

  #key(named: string | undefined) {
    const key = this.#keys.get(named?.split('/').at(-1) ?? '');
    if (!key) throw new AwsError('NotFoundException', `Key '${named}' does not exist`);
    return key;
  }

  readonly operations: Service['operations'] = {
    DescribeKey: {
      access: (input: DescribeKeyRequest) => [
        { action: 'kms:DescribeKey', resource: this.#key(input.KeyId).arn },
      ],
      run: (input: DescribeKeyRequest) => {
        const { arn, enabled } = this.#key(input.KeyId);
        const KeyState = enabled ? 'Enabled' : 'Disabled';
        return {
          KeyMetadata: {
            KeyId: arn.split('/').at(-1),
            Arn: arn,
            Enabled: enabled,
            KeyState,
            KeyManager: 'CUSTOMER',
          },
        };
      },
    },
    CreateGrant: {
      access: (input: CreateGrantRequest) => [
        {
          action: 'kms:CreateGrant',
          resource: this.#key(input.KeyId).arn,
          context: { 'kms:GrantIsForAWSResource': 'false' },
        },
      ],
      run: () => ({ GrantId: `grant-${++this.#grants}`, GrantToken: `token-${this.#grants}` }),
    },
  };
}

export function kmsService(account: Account, region: string): Kms {
  return new Kms(account, region);
}
