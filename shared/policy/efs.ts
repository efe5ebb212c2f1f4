import * as z from 'zod';
import { type Keep, keep } from '../retention/keep.ts';
import { strictObject } from './strictObject.ts';

/**
 * Hard links that a file may have on EFS: 177, the source's own among them. A generation adds one for each of the names
 * that a file has, so the rest is for files that had several of their own.
 */
const MOST_GENERATIONS = 150;

const fileSystemId = z.string().regex(/^fs-[0-9a-f]{8,40}$/, 'is no id of a file system, fs-…');
const subnetId = z.string().regex(/^subnet-[0-9a-f]{8,17}$/, 'is no id of a subnet, subnet-…');
const groupId = z.string().regex(/^sg-[0-9a-f]{8,17}$/, 'is no id of a security group, sg-…');

/** A folder on the destination, as the documents take it: no part begins with a dot or a dash. */
const folder = z
  .string()
  .max(200)
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/,
    'is no folder; write names of letters, digits and . _ -, joined by /',
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
  capture: z.literal('efs'),
  /** The file system that is backed up. */
  source: fileSystemId,
  /** An existing file system, or `{ stack: true }`: one that the stack makes, encrypted with its key. */
  destination: z.union([strictObject({ id: fileSystemId }), strictObject({ stack: z.literal(true) })], {
    error:
      'must be { id: fs-… } for an existing file system, or { stack: true } for one that the stack makes',
  }),
  /** Folder of the destination in which the policy has its own. */
  prefix: folder.default('backup-drill'),
  /** From the start of a run to the end of its worker; the copy is stopped a quarter of an hour before. */
  windowMinutes: z.int().min(60).max(1320).default(180),
  /** Where the worker runs; both file systems need a mount target in the zone of each subnet. */
  vpc: z.string().regex(/^vpc-[0-9a-f]{8,17}$/, 'is no id of a VPC, vpc-…'),
  subnets: z.array(subnetId).min(1).max(6),
  /** Groups that the worker gets besides its own: those that the mount targets let in. */
  securityGroups: z.array(groupId).max(4).default([]),
  /** An image that has fpart, rsync, acl, attr, nfs-common and stunnel4, for subnets without a way to the packages. */
  workerAmi: z
    .string()
    .regex(/^ami-[0-9a-f]{8,17}$/, 'is no id of an image, ami-…')
    .optional(),
  /** arm64; more cores and network make more copies side by side. */
  instanceType: z
    .enum(['t4g.small', 't4g.medium', 'm7g.large', 'm7g.xlarge', 'c7gn.large', 'c7gn.xlarge'])
    .default('c7gn.large'),
  /** A path at the source that must be there: without it nothing is copied. */
  sourceSentinel: folder.optional(),
  /** An empty source is backed up all the same. */
  allowEmpty: z.boolean().default(false),
  keep: keep.refine((of) => mostGenerations(of) <= MOST_GENERATIONS, {
    error: ({ input }) =>
      `would hold ${mostGenerations(keep.parse(input))} generations at once, and EFS allows 177 hard links a file, the source's own among them; keep ${MOST_GENERATIONS} at most`,
  }),
  /** Where anonymous figures of each run are sent; nowhere unless named. */
  metricsEndpoint: z
    .string()
    .regex(/^https:\/\/[A-Za-z0-9.-]+(:\d+)?(\/[A-Za-z0-9._~/-]*)?$/, 'is no https address')
    .optional(),
};
