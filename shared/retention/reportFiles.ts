import type { S3Client } from '@aws-sdk/client-s3';
import { readList } from '../batch/batchStore.ts';
import { deletionList } from './deletions.ts';
import { orphanList } from './orphans.ts';
import type { RegionResult, RetainedRegion } from './report.ts';

/** Reads the lists of one Region; one that was never written has nothing in it. */
export async function readRegion(s3: S3Client, region: RetainedRegion): Promise<RegionResult> {
  const nothing = { left: [], done: [] };
  return {
    ...region,
    deleted: region.deletions ? await readList(s3, region.deletions, deletionList) : nothing,
    swept: region.orphans ? await readList(s3, region.orphans, orphanList) : nothing,
  };
}
