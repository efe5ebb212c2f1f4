import { DescribeRegionsCommand, type EC2Client, type Image, type Snapshot } from '@aws-sdk/client-ec2';
import { paginateGetParametersByPath, type SSMClient } from '@aws-sdk/client-ssm';
import type { Config } from './config.ts';
import { InvalidInput } from './errors.ts';
import { linesOf, type PointLine } from './pointLines.ts';
import { imagesOf, snapshotsOf } from './retention/readPoints.ts';
import { TAG } from './tags.ts';

/**
 * The lines of the index for every verified point of a deployment. @param named the Regions; all unless told
 * @throws InvalidInput naming those that are not there, or not switched on for the account
 */
export async function readLines(
  ec2: (region: string) => EC2Client,
  { deployment, region: home }: Config,
  named: readonly string[] | undefined,
): Promise<{ lines: PointLine[]; regions: string[] }> {
  const enabled = await enabledRegions(ec2(home));
  const missing = named?.filter((region) => !enabled.includes(region)) ?? [];
  if (missing.length > 0)
    throw new InvalidInput(
      `no Region of this account: ${missing.join(', ')}; there is ${enabled.join(', ')}`,
    );
  const regions = named ? [...new Set(named)] : enabled;
  const lines: PointLine[] = [];
  const owned = { Name: `tag:${TAG.deployment}`, Values: [deployment] };
  for (const region of regions) {
    const images: Image[] = [];
    for await (const page of imagesOf(ec2(region), [owned])) images.push(...page);
    const snapshots: Snapshot[] = [];
    const sets = [owned, { Name: 'tag-key', Values: [TAG.set] }];
    for await (const page of snapshotsOf(ec2(region), sets)) snapshots.push(...page);
    lines.push(...linesOf(images, snapshots, region));
  }
  return { lines, regions };
}

/** Policies that points name and that there are no more, with how many points name each. */
export async function goneAmong(
  ssm: SSMClient,
  deployment: string,
  lines: readonly PointLine[],
): Promise<{ policy: string; points: number }[]> {
  const there = new Set<string>();
  const Path = `/${deployment}/policies`;
  for await (const { Parameters = [] } of paginateGetParametersByPath({ client: ssm }, { Path }))
    for (const { Name = '' } of Parameters) there.add(Name.slice(Path.length + 1));
  const counts = new Map<string, number>();
  for (const { policy } of lines)
    if (policy !== undefined && !there.has(policy)) counts.set(policy, (counts.get(policy) ?? 0) + 1);
  return [...counts].map(([policy, points]) => ({ policy, points }));
}

/** Those that are switched on for the account; others are not in the answer. */
async function enabledRegions(ec2: EC2Client): Promise<string[]> {
  const { Regions = [] } = await ec2.send(new DescribeRegionsCommand({}));
  return Regions.flatMap(({ RegionName }) => RegionName ?? []).sort();
}
