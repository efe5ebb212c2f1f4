import { randomBytes } from 'node:crypto';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { type Ending, follow, type Histories } from './follow.ts';
import { interruptible, interruptText } from './interrupt.ts';
import type { Place } from './place.ts';
import { Progress } from './progress.ts';

/** A run to be started and watched. */
export interface Run {
  /** `drill-20260301-040000-1f2e`: sorts by time; the machines allow letters, digits, - and _, at most 50. */
  name: string;
  /** Name of its machine. */
  machine: string;
  /** What stands beside its name above its progress. */
  heading: string;
  /** Makes its input, and whatever must be there first. */
  input: () => Promise<object>;
  /** What else its histories tell while it runs, as lines that stand instead of the name of the step. */
  live?: (histories: Histories) => string | undefined;
  /** What is to be tidied up when a person presses Ctrl-C. */
  tidy: () => Promise<unknown>;
}

export interface EndedRun extends Ending {
  executionArn: string;
  histories: Histories;
}

/** A name for a run of a kind. */
export function runName(kind: string, now: Date): string {
  const time = now.toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${kind}-${time}-${randomBytes(2).toString('hex')}`;
}

/** Starts a run and shows on stderr how it goes, until it ends. Ctrl-C ends the program; on a stage the run goes on. */
export async function watchRun(place: Place, run: Run): Promise<EndedRun> {
  const { deployment, everyMs } = place;
  const progress = new Progress(process.stderr, place.now, run.live);
  let executionArn: string | undefined;
  const work = async () => {
    const stateMachineArn = await deployment.machine(run.machine);
    const input = JSON.stringify(await run.input());
    const start = new StartExecutionCommand({ stateMachineArn, name: run.name, input });
    const arn = (await deployment.sfn.send(start)).executionArn ?? '';
    executionArn = arn;
    progress.say(`${run.name} ${run.heading}`);
    const onLook = (histories: Histories) => progress.look(histories);
    const ending = await follow({ sfn: deployment.sfn, executionArn: arn, everyMs, onLook });
    progress.look(ending.histories, true);
    return { ...ending, executionArn: arn };
  };
  try {
    return await interruptible(work, {
      text: () => interruptText(place.kind, executionArn),
      tidy: run.tidy,
    });
  } finally {
    progress.close();
  }
}
