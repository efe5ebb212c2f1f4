import type { Principal } from '../service.ts';
import type { Inventory } from './inventory.ts';

/** What EC2 does with a customer's key on behalf of who attaches a volume, and of who makes one. */
const TO_ATTACH = ['CreateGrant'];
const TO_MAKE = ['DescribeKey', 'CreateGrant', 'GenerateDataKeyWithoutPlaintext', 'Decrypt'];

/** The key that encrypts volumes when none is named; AWS manages it, and everybody in the account may use it. */
export function managedKey(ec2: Inventory): string {
  return keyArn(ec2, '00000000-0000-4000-8000-0000000000eb');
}

/** A key's ARN, of that or of its id. */
export function keyArn(ec2: Inventory, key: string): string {
  const { partition, id } = ec2.account;
  return key.startsWith('arn:') ? key : `arn:${partition}:kms:${ec2.region}:${id}:key/${key}`;
}

/**
 * Whether a principal may have EC2 use the keys of volumes. EC2 asks when it attaches them, after the call has
 * succeeded, so that a missing right shows as an instance that does not start.
 */
export function mayUseKeys(
  ec2: Inventory,
  principal: Principal,
  volumeIds: readonly string[],
  areNew: boolean,
): boolean {
  const used = volumeIds.map((id) => ec2.volumes.peek(id)?.data.KmsKeyId);
  const keys = new Set(used.filter((key) => key !== undefined && key !== managedKey(ec2)));
  return [...keys].every((resource) =>
    (areNew ? TO_MAKE : TO_ATTACH).every((action) => {
      ec2.account.meter.add('kms:request', 1);
      return ec2.account.iam.allows(principal, {
        action: `kms:${action}`,
        resource: resource ?? '',
        context: {
          'kms:ViaService': `ec2.${ec2.region}.amazonaws.com`,
          'kms:CallerAccount': ec2.account.id,
          ...(action === 'CreateGrant' && { 'kms:GrantIsForAWSResource': 'true' }),
        },
      });
    }),
  );
}
