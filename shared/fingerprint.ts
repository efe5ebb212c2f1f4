import type { _InstanceType, VolumeType } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { tagValues } from './tagValues.ts';

/** `t4g.small`: a new type needs no new release of ours. */
export const instanceType = v.custom<_InstanceType>(
  (value) => typeof value === 'string' && /^[a-z0-9-]+\.[a-z0-9-]+$/.test(value),
  'an instance type, such as t4g.small',
);
const volumeType = v.custom<VolumeType>((value) => typeof value === 'string' && /^[a-z0-9]+$/.test(value));

const volumeFingerprint = v.object({
  deviceName: v.string(),
  sizeGiB: v.number(),
  type: volumeType,
  iops: v.optional(v.number()),
  /** MiB/s. */
  throughput: v.optional(v.number()),
  encrypted: v.boolean(),
  kmsKeyId: v.optional(v.string()),
  deleteOnTermination: v.boolean(),
});

/** How an instance was launched: what a restore needs to launch its like, and is compared with afterwards. */
export const fingerprint = v.object({
  instanceType,
  subnetId: v.optional(v.string()),
  availabilityZone: v.optional(v.string()),
  /** Private IPv4 addresses of the first network interface, the primary one first. */
  privateIpAddresses: v.array(v.string()),
  /** Sorted. */
  securityGroupIds: v.array(v.string()),
  /** Name of the instance profile. */
  instanceProfile: v.optional(v.string()),
  keyName: v.optional(v.string()),
  ebsOptimized: v.boolean(),
  /** SHA-256 of the decoded user data, never its content: scripts hold secrets. */
  userDataSha256: v.optional(v.string()),
  metadata: v.object({
    httpTokens: v.string(),
    hopLimit: v.number(),
    instanceTags: v.picklist(['enabled', 'disabled']),
  }),
  rootDeviceName: v.string(),
  /** Sorted by device name. */
  volumes: v.array(volumeFingerprint),
  /** The user's own: without those of AWS and of this product. */
  tags: tagValues,
});
export type Fingerprint = v.InferOutput<typeof fingerprint>;

/** One field in which a restored instance differs. */
export const fingerprintDifference = v.object({
  field: v.string(),
  expected: v.string(),
  actual: v.string(),
  /** The restore was told to make it differ. */
  onPurpose: v.boolean(),
});

/** What a comparison found; it matches when every difference is on purpose. */
export const fingerprintComparison = v.object({
  matches: v.boolean(),
  differences: v.array(fingerprintDifference),
});
export type FingerprintComparison = v.InferOutput<typeof fingerprintComparison>;

/** Fields that a copy in the sandbox must not have in common with its source, or cannot. */
const ISOLATED = [
  'subnetId',
  'availabilityZone',
  'privateIpAddresses',
  'securityGroupIds',
  'instanceProfile',
  'keyName',
  'userDataSha256',
  'tags',
];

/** Fields that every restore may change for the better: version 1 of the metadata service and plain volumes end here. */
const HARDENED = new Map([
  ['metadata.httpTokens', 'required'],
  ['encrypted', 'true'],
]);

/** Compares what runs with what was backed up. `changed` names the fields that overrides of the restore touch. */
export function compareFingerprints(
  expected: Fingerprint,
  actual: Fingerprint,
  purpose: { isolated: boolean; changed: readonly string[] },
): FingerprintComparison {
  const before = flatten(expected);
  const after = flatten(actual);
  const onPurpose = new Set([...(purpose.isolated ? ISOLATED : []), ...purpose.changed]);
  const differences = [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((field) => {
    const [was, is] = [before.get(field) ?? 'none', after.get(field) ?? 'none'];
    if (was === is) return [];
    const [first = '', ...rest] = field.split(/[. ]/);
    const last = rest.at(-1) ?? first;
    const hardened = HARDENED.get(field) === is || HARDENED.get(last) === is;
    const keyOfNewlyEncrypted = last === 'kmsKeyId' && was === 'none';
    const cleanedUp = purpose.isolated && last === 'deleteOnTermination' && is === 'true';
    const meant =
      onPurpose.has(field) || onPurpose.has(first) || hardened || keyOfNewlyEncrypted || cleanedUp;
    return [{ field, expected: was, actual: is, onPurpose: meant }];
  });
  return { matches: differences.every((difference) => difference.onPurpose), differences };
}

/** Every field by its path; volumes by device name: `volumes /dev/sdf sizeGiB`. Lists are one value. */
function flatten(print: Fingerprint): Map<string, string> {
  const { metadata, volumes, tags, privateIpAddresses, securityGroupIds, ...plain } = print;
  const fields = new Map<string, string>();
  const put = (field: string, value: string | number | boolean | undefined) => {
    if (value !== undefined) fields.set(field, String(value));
  };
  for (const [field, value] of Object.entries(plain)) put(field, value);
  for (const [field, value] of Object.entries(metadata)) put(`metadata.${field}`, value);
  for (const [key, value] of Object.entries(tags)) put(`tags ${key}`, value);
  for (const { deviceName, ...volume } of volumes)
    for (const [field, value] of Object.entries(volume)) put(`volumes ${deviceName} ${field}`, value);
  put('privateIpAddresses', privateIpAddresses.join(' '));
  put('securityGroupIds', securityGroupIds.join(' '));
  return fields;
}
