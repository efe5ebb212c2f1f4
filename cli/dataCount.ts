import type { S3Client } from '@aws-sdk/client-s3';
import { DATA_VOLUMES } from '../shared/drillSettings.ts';
import { fetchManifest, type ObjectLocation } from '../shared/manifestObject.ts';
import type { PackedData } from './data.ts';

/** How much of a person's data a drill has looked at. */
export interface DataCount {
  directory: string;
  /** What `find` counts in it. */
  found: number;
  /** How many of that the backup's manifest holds, to which the restored copy was compared. */
  inManifest: number;
}

/** Counts a person's data in a manifest: it lies below the first data volume's `data`. */
export async function countData(
  s3: S3Client,
  manifest: ObjectLocation,
  data: PackedData,
): Promise<DataCount> {
  const top = `.${DATA_VOLUMES[0]?.path}/data`;
  const { manifest: read } = await fetchManifest(s3, manifest);
  let inManifest = 0;
  for (const path of read.entries.keys()) if (path === top || path.startsWith(`${top}/`)) inManifest++;
  return { directory: data.directory, found: data.entries, inManifest };
}
