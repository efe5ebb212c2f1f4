/** What Ctrl-C means for a piece of work. */
export interface Ending {
  /** What happens now, for a person. */
  text: () => string;
  /** Removes what the work has left. */
  tidy: () => Promise<unknown>;
}

/** Those of the work that is under way, the innermost last. */
const endings: Ending[] = [];
let interrupted = false;

/**
 * Does some work that Ctrl-C may cut short: then the innermost work's text is said, everything is tidied up from the
 * inside out, and the program ends with the shell's code for an interrupt (130). Whatever the work meets while things
 * are tidied up under it is not told. A second Ctrl-C ends the program at once.
 */
export async function interruptible<T>(work: () => Promise<T>, ending: Ending): Promise<T> {
  if (endings.length === 0) {
    process.once('SIGINT', interrupt);
    process.once('SIGTERM', interrupt);
  }
  endings.push(ending);
  try {
    return await work();
  } finally {
    if (interrupted) await new Promise<never>(() => {});
    endings.splice(endings.indexOf(ending), 1);
    if (endings.length === 0) {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    }
  }
}

function interrupt(): void {
  interrupted = true;
  process.on('unhandledRejection', () => {});
  process.stderr.write(`\n${endings.at(-1)?.text()}\n`);
  void tidyAll().finally(() => process.exit(130));
}

async function tidyAll(): Promise<void> {
  for (const { tidy } of endings.toReversed()) await tidy().catch(() => undefined);
}

export const NOTHING_STARTED = 'Stopped: nothing was started.';

/** What becomes of a run whose spectator has left. */
export function interruptText(kind: 'stage' | 'lab' | 'local', executionArn: string | undefined): string {
  if (kind === 'local') return 'Stopped: the local account is gone, and everything in it.';
  if (executionArn === undefined) return NOTHING_STARTED;
  return [
    'The run goes on without you, and cleans up after itself; backup-drill runs will show its verdict. To see it now:',
    `  aws stepfunctions describe-execution --execution-arn ${executionArn}`,
    'To stop it at once, without its cleanup:',
    `  aws stepfunctions stop-execution --execution-arn ${executionArn}`,
  ].join('\n');
}
