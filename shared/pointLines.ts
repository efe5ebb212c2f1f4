import { isDeepStrictEqual } from 'node:util';
import type { Image, Snapshot } from '@aws-sdk/client-ec2';
import type { Point } from './retention/point.ts';
import { NOTHING_HELD, pointOfImage, pointsOfSnapshots } from './retention/pointsFrom.ts';
import { TAG, type Tag, tagValue } from './tags.ts';

/** One line of the index of points, as far as tags know it. */
export interface PointLine {
  resource: string;
  pointId: string;
  region: string;
  createdAt: string;
  status: string;
  policy?: string;
  [more: string]: unknown;
}

/** The lines of verified images, and of verified sets of snapshots of which none is gone, of one Region. */
export function linesOf(
  images: readonly Image[],
  snapshots: readonly Snapshot[],
  region: string,
): PointLine[] {
  const ofImages = images.map((image) => lineOf(pointOfImage(image, NOTHING_HELD), image.Tags, region));
  const tags = new Map(snapshots.map(({ Tags }) => [tagValue(Tags, TAG.set), Tags]));
  const ofSets = pointsOfSnapshots(snapshots, NOTHING_HELD)
    .filter(({ state }) => state !== 'incomplete')
    .map((point) => lineOf(point, tags.get(point.id), region));
  return [...ofImages, ...ofSets].filter(({ status }) => status === 'verified');
}

function lineOf(point: Point, tags: readonly Tag[] | undefined, region: string): PointLine {
  const optional = {
    imageId: point.kind === 'ami' ? point.id : undefined,
    policy: point.policy,
    validatedAt: point.validatedAt,
    consistency: point.consistency && { seen: point.consistency },
    runId: tagValue(tags, TAG.run),
    fingerprintKey: tagValue(tags, TAG.fingerprint),
    nonce: tagValue(tags, TAG.nonce),
  };
  return {
    resource: point.resource,
    pointId: point.id,
    region,
    createdAt: point.createdAt,
    status: point.status ?? 'unknown',
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}

/** A line of the index, whatever it holds. */
export type OldLine = { resource: string; pointId: string } & Record<string, unknown>;

/**
 * What has to be written so that the index says what the tags say. Of a line that is there, what tags do not know (what
 * was asked for, facts of the snapshots) stays; one whose point is not there goes.
 */
export function indexChanges(
  old: readonly OldLine[],
  lines: readonly PointLine[],
  { regions, home }: { regions: readonly string[]; home: string },
): { put: Record<string, unknown>[]; remove: { resource: string; id: string }[] } {
  const key = ({ resource, pointId }: { resource: string; pointId: string }) => `${resource} ${pointId}`;
  const known = new Map(old.map((line) => [key(line), line]));
  const wanted = new Set(lines.map(key));
  const put = lines.flatMap((line) => {
    const before = known.get(key(line));
    const after = { ...before, ...line, ...consistencyOf(before, line) };
    return isDeepStrictEqual(before, after) ? [] : [after];
  });
  // Lines of before there were Regions are of the stack's own.
  const looked = old.filter(({ region = home }) => regions.some((one) => one === region));
  const remove = looked.filter((line) => !wanted.has(key(line)));
  return { put, remove: remove.map(({ resource, pointId }) => ({ resource, id: pointId })) };
}

function consistencyOf(before: OldLine | undefined, { consistency }: PointLine): object {
  const was = before?.consistency;
  if (typeof was !== 'object' || typeof consistency !== 'object') return {};
  return { consistency: { ...was, ...consistency } };
}
