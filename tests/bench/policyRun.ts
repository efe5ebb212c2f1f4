import { readFileSync } from 'node:fs';
import type { S3 } from '../../local/account/s3/s3.ts';
import type { SsmService } from '../../local/account/ssm/ssm.ts';
import type { LocalOptions } from '../../local/local.ts';
import { BenchWorld, type Ended } from './world.ts';

/** What a policy of the bench selects by. */
export const FLEET_TAGS = { fleet: 'bench' };

/** Puts a policy where a run finds it, as the template does with what policies.yml says. */
export function putPolicy({ local }: BenchWorld, name: string, more: object): void {
  const policy = { name, tagKey: 'backup-policy', select: { tags: FLEET_TAGS }, notify: 'never', ...more };
  const ssm = local.account.service<SsmService>('ssm', local.region);
  ssm.putParameter(`/backup-drill-${local.stage}/policies/${name}`, JSON.stringify(policy));
}

/** Runs a policy by its name, as an operator types it into the console. */
export async function runPolicy(world: BenchWorld, policy: string, runId: string): Promise<Ended> {
  const machine = world.local.refs.PolicyRunStateMachine ?? '';
  return await world.end(await world.begin(machine, runId, { policy }));
}

/**
 * A world with a fleet of instances of two volumes each, and the policy `nightly`, which makes an image of every one.
 * @param regions how many instances in each Region
 */
export async function fleetWorld(
  regions: Record<string, number>,
  physics: LocalOptions['physics'],
): Promise<BenchWorld> {
  const world = await BenchWorld.start({ seed: 1, physics });
  for (const [region, count] of Object.entries(regions))
    world.ec2(region).seedFleet({ count, tags: FLEET_TAGS });
  putPolicy(world, 'nightly', {
    capture: 'ami',
    consistency: 'none',
    keep: { daily: 7 },
    select: { tags: FLEET_TAGS, regions: Object.keys(regions) },
  });
  return world;
}

/** Every recovery point that a run made, as its report in the evidence bucket says. */
export function pointsOf(world: BenchWorld, { output }: Ended): { region: string; id: string }[] {
  const s3 = world.local.account.service<S3>('s3', world.local.region);
  const { bucket, key } = output.report;
  const report = JSON.parse(readFileSync(s3.bucket(bucket).current(key).file, 'utf8'));
  return report.points.map(({ region, pointId }: { region: string; pointId: string }) => ({
    region,
    id: pointId,
  }));
}
