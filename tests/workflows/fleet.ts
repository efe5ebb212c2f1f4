import type { Ec2Service } from '../../local/account/ec2/ec2.ts';
import type { SsmService } from '../../local/account/ssm/ssm.ts';
import type { FleetReport } from '../../shared/fleet.ts';
import type { Outcome, World } from './world.ts';

/** How a run of a policy ended, what it wrote down, and what was told of it. */
export interface FleetRun extends Outcome {
  runId: string;
  report: FleetReport;
  message: { subject: string; text: string } | undefined;
}

/** A recovery point as EC2 shows it: an image, or a snapshot of a set. */
export interface Point {
  id: string;
  resource: string;
  state: string;
  status: string;
  consistency: string | undefined;
}

export function ec2(world: World, region = world.local.region): Ec2Service {
  return world.local.account.service<Ec2Service>('ec2', region);
}

/** Puts a policy where the plugin puts those of policies.yml. Of images, crash-consistent, unless told. */
export function havePolicy(world: World, name: string, policy: object): void {
  const usual = { name, capture: 'ami', consistency: 'none', keep: { daily: 7 }, notify: 'always' };
  const ssm = world.local.account.service<SsmService>('ssm', world.local.region);
  ssm.putParameter(
    `/backup-drill-${world.local.stage}/policies/${name}`,
    JSON.stringify({ ...usual, ...policy }),
  );
}

/** Runs a policy from its start to its end. */
export async function runPolicy(world: World, policy: string): Promise<FleetRun> {
  return await policyEnd(world, await world.begin('policy-run', { policy }));
}

/** Waits for the end of a policy's run. */
export async function policyEnd(world: World, arn: string): Promise<FleetRun> {
  const outcome = await world.end(arn);
  const runId = arn.split(':').at(-1) ?? '';
  const key = (await world.objects('EvidenceBucket')).find((one) => one.endsWith(`/${runId}.json`));
  if (!key) throw new Error(`${runId} has no report: ${outcome.error}: ${outcome.cause}`);
  const report = await world.evidence({ bucket: world.local.refs.EvidenceBucket ?? '', key });
  const message = world.published().findLast((one) => one.message.includes(runId));
  return {
    ...outcome,
    runId,
    report,
    message: message && { subject: message.subject ?? '', text: message.message },
  };
}

/** What a run has made in a Region, once every list shows it: images, or the snapshots of sets. */
export async function pointsOf(
  world: World,
  runId: string,
  capture: 'ami' | 'snapshots' = 'ami',
  region = world.local.region,
): Promise<Point[]> {
  await world.pass(120);
  const { account } = world.local;
  const operation = capture === 'ami' ? 'DescribeImages' : 'DescribeSnapshots';
  const input = { Filters: [{ Name: 'tag:backup-drill:run', Values: [runId] }] };
  const asked = { principal: account.operator, region, service: 'ec2', operation, input };
  const { Images, Snapshots } = (await account.call(asked)) as {
    Images?: { ImageId: string; State: string; Tags: { Key: string; Value: string }[] }[];
    Snapshots?: { SnapshotId: string; State: string; Tags: { Key: string; Value: string }[] }[];
  };
  return [
    ...(Images ?? []).map(({ ImageId, ...one }) => ({ id: ImageId, ...one })),
    ...(Snapshots ?? []).map(({ SnapshotId, ...one }) => ({ id: SnapshotId, ...one })),
  ].map(({ id, State, Tags }) => {
    const tag = (name: string) => Tags.find(({ Key }) => Key === `backup-drill:${name}`)?.Value;
    return {
      id,
      resource: tag('resource') ?? '',
      state: State,
      status: tag('status') ?? '',
      consistency: tag('consistency'),
    };
  });
}
