import * as v from 'valibot';
import { type Keep, keep } from '../retention/keep.ts';
import { strictObject } from './strictObject.ts';
import { within } from './within.ts';

const fileSystemId = v.pipe(v.string(), v.regex(/^fs-[0-9a-f]{8,40}$/, 'is no id of a file system, fs-…'));
const subnetId = v.pipe(v.string(), v.regex(/^subnet-[0-9a-f]{8,17}$/, 'is no id of a subnet, subnet-…'));
const groupId = v.pipe(v.string(), v.regex(/^sg-[0-9a-f]{8,17}$/, 'is no id of a security group, sg-…'));

/** A folder on the destination, as the documents take it: no part begins with a dot or a dash. */
const folder = v.pipe(
  v.string(),
  v.maxLength(200),
  v.regex(
    /^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/,
    'is no folder; write names of letters, digits and . _ -, joined by /',
  ),
);

/** How many generations a retention can hold at once; by age, one a day. */
export function mostGenerations(of: Keep): number {
  if ('days' in of) return of.days;
  if ('count' in of) return of.count;
  return Object.values(of).reduce<number>((sum, each) => sum + (each ?? 0), 0);
}

/**
 * The keys of a policy with `capture: efs`, beside those that all policies have: which file system is copied where, by a
 * worker in which network, in how much time.
 */
export const efs = {
  capture: v.literal('efs'),
  /** The file system that is backed up. */
  source: fileSystemId,
  /** An existing file system, or `{ stack: true }`: one that the stack makes, encrypted with its key. */
  destination: v.union(
    [strictObject({ id: fileSystemId }), strictObject({ stack: v.literal(true) })],
    'must be { id: fs-… } for an existing file system, or { stack: true } for one that the stack makes',
  ),
  /** Folder of the destination in which the policy has its own. */
  prefix: v.optional(folder, 'backup-drill'),
  /** From the start of a run to the end of its worker; the copy is stopped a quarter of an hour before. */
  windowMinutes: v.optional(within(60, 1320, 'minutes'), 180),
  /** Where the worker runs; both file systems need a mount target in the zone of each subnet. */
  vpc: v.pipe(v.string(), v.regex(/^vpc-[0-9a-f]{8,17}$/, 'is no id of a VPC, vpc-…')),
  subnets: v.pipe(v.array(subnetId), v.minLength(1), v.maxLength(6)),
  /** Groups that the worker gets besides its own: those that the mount targets let in. */
  securityGroups: v.optional(v.pipe(v.array(groupId), v.maxLength(4)), []),
  /** An image that has fpart, rsync, acl, attr, nfs-common and stunnel4, for subnets without a way to the packages. */
  workerAmi: v.optional(v.pipe(v.string(), v.regex(/^ami-[0-9a-f]{8,17}$/, 'is no id of an image, ami-…'))),
  /** arm64; more cores and network make more copies side by side. */
  instanceType: v.optional(
    v.picklist(['t4g.small', 't4g.medium', 'm7g.large', 'm7g.xlarge', 'c7gn.large', 'c7gn.xlarge']),
    'c7gn.large',
  ),
  /** A path at the source that must be there: without it nothing is copied. */
  sourceSentinel: v.optional(folder),
  /** An empty source is backed up all the same. */
  allowEmpty: v.optional(v.boolean(), false),
  keep,
  /** Where anonymous figures of each run are sent; nowhere unless named. */
  metricsEndpoint: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^https:\/\/[A-Za-z0-9.-]+(:\d+)?(\/[A-Za-z0-9._~/-]*)?$/, 'is no https address'),
    ),
  ),
};
