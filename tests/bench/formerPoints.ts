import type { SeededPoint } from '../../local/account/ec2/seededPoints.ts';
import type { BenchWorld } from './world.ts';

const DAY = 86_400_000;

/** Images that runs of a policy took of each instance so many days ago, with their tags as such a run leaves them. */
export function* formerPoints(
  { local }: BenchWorld,
  policy: string,
  instances: readonly string[],
  daysAgo: readonly number[],
): Generator<SeededPoint> {
  for (const instanceId of instances)
    for (const days of daysAgo) {
      const at = local.account.clock.now() - days * DAY;
      const tags = {
        'backup-drill:deployment': `backup-drill-${local.stage}`,
        'backup-drill:policy': policy,
        'backup-drill:resource': instanceId,
        'backup-drill:run': `night-${days}`,
        'backup-drill:status': 'verified',
        'backup-drill:consistency': 'crash',
        'backup-drill:created': new Date(at).toISOString(),
      };
      yield { capture: 'ami', instanceId, at, tags, name: `${policy} ${instanceId} ${days}` };
    }
}
