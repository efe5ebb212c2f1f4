/**
 * On Ctrl-C: says what happens now, tidies up, and ends with the shell's code for an interrupt (130).
 * @returns what takes the watch away again.
 */
export function onInterrupt(text: () => string, tidy: () => Promise<void>): () => void {
  const interrupted = () => {
    process.stderr.write(`\n${text()}\n`);
    void tidy().finally(() => process.exit(130));
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  return () => {
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
  };
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
