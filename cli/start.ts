import { randomBytes } from 'node:crypto';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Deployment } from './deployment.ts';
import { type Ending, follow, type Histories } from './follow.ts';

/** A name for a run that sorts by time: `drill-20260301-040000-1f2e`. */
export function runName(kind: string, now: Date): string {
  const time = now.toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${kind}-${time}-${randomBytes(2).toString('hex')}`;
}

/** What a person is to see of a run. */
export interface Audience {
  started?: (executionArn: string) => void;
  look?: (histories: Histories) => void;
}

/** Starts a machine under a name and follows it to its end. */
export async function startAndFollow(
  deployment: Deployment,
  run: { machine: string; name: string; input: object; everyMs: number },
  audience: Audience,
): Promise<Ending & { executionArn: string; histories: Histories }> {
  const started = await deployment.sfn.send(
    new StartExecutionCommand({
      stateMachineArn: await deployment.machine(run.machine),
      name: run.name,
      input: JSON.stringify(run.input),
    }),
  );
  const executionArn = started.executionArn ?? '';
  audience.started?.(executionArn);
  const ending = await follow({
    sfn: deployment.sfn,
    executionArn,
    everyMs: run.everyMs,
    ...(audience.look && { onLook: audience.look }),
  });
  return { ...ending, executionArn };
}
