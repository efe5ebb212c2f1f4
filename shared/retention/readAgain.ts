import type { EC2Client, Image, Snapshot } from '@aws-sdk/client-ec2';
import { TAG } from '../tags.ts';
import type { Deletion, PointReference } from './plan.ts';
import type { Point } from './point.ts';
import { pointOfImage, pointsOfSnapshots } from './pointsFrom.ts';
import { imagesOf, lockedSnapshots, snapshotsOf, sourcesOfCopies } from './readPoints.ts';

const VALUES = 200; // the most that a filter takes

/** The points of some deletions, and those that are to remain, as they are now; what is not there is not in the map. */
export async function readAgain(
  ec2: EC2Client,
  deletions: readonly Deletion[],
  region: string,
): Promise<Map<string, Point>> {
  if (deletions.length === 0) return new Map();
  const wanted = deletions.flatMap(({ id, kind, survivor, validatedSurvivor }) => [
    { id, kind },
    ...[survivor, validatedSurvivor].flatMap((each) => each ?? []),
  ]);
  const holds = { locked: await lockedSnapshots(ec2), sources: await sourcesOfCopies(ec2, region) };
  const images: Image[] = [];
  for (const Values of chunks(wanted, 'ami'))
    for await (const page of imagesOf(ec2, [{ Name: 'image-id', Values }])) images.push(...page);
  const snapshots: Snapshot[] = [];
  for (const Values of chunks(wanted, 'snapshots'))
    for await (const page of snapshotsOf(ec2, [{ Name: `tag:${TAG.set}`, Values }])) snapshots.push(...page);
  const points = [
    ...images.map((image) => pointOfImage(image, holds)),
    ...pointsOfSnapshots(snapshots, holds),
  ];
  return new Map(points.map((point) => [point.id, point]));
}

function chunks(wanted: readonly PointReference[], kind: PointReference['kind']): string[][] {
  const ids = [...new Set(wanted.filter((one) => one.kind === kind).map(({ id }) => id))];
  return Array.from({ length: Math.ceil(ids.length / VALUES) }, (_, at) =>
    ids.slice(at * VALUES, (at + 1) * VALUES),
  );
}
