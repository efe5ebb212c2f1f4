/**
 * Does some work that Ctrl-C may cut short: then says what happens now, tidies up, and ends the program with the
 * shell's code for an interrupt (130). Whatever the work meets while things are tidied up under it is not told.
 */
export async function interruptible<T>(
  work: () => Promise<T>,
  ending: { text: () => string; tidy: () => Promise<unknown> },
): Promise<T> {
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
    process.stderr.write(`\n${ending.text()}\n`);
    void ending.tidy().finally(() => process.exit(130));
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    return await work();
  } catch (error) {
    if (interrupted) return await new Promise<never>(() => {});
    throw error;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

/** What becomes of a run whose spectator has left. */
export function interruptText(kind: 'stage' | 'lab' | 'local', executionArn: string | undefined): string {
  if (kind === 'local') return 'Stopped: the local account is gone, and everything in it.';
  if (executionArn === undefined) return 'Stopped: nothing was started.';
  return [
    'The run goes on without you, and cleans up after itself; backup-drill runs will show its verdict. To see it now:',
    `  aws stepfunctions describe-execution --execution-arn ${executionArn}`,
    'To stop it at once, without its cleanup:',
    `  aws stepfunctions stop-execution --execution-arn ${executionArn}`,
  ].join('\n');
}
