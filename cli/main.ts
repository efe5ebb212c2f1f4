import { COMMANDS, type CommandName, helpOf, isCommand, overview } from './commands.ts';
import { parseOptions, type Typed } from './options.ts';
import { RunError, UsageError } from './usage.ts';

/** Runs a command line without the program's name. @returns the exit code: 0 passed, 1 failed, 2 wrongly called. */
export async function main(words: string[]): Promise<number> {
  const [command, ...rest] = words;
  try {
    if (command === undefined) throw new UsageError(`say what to do: ${Object.keys(COMMANDS).join(', ')}`);
    if (['--help', '-h', 'help'].includes(command)) return print(overview());
    if (!isCommand(command))
      throw new UsageError(
        `no command ${JSON.stringify(command)}; there are ${Object.keys(COMMANDS).join(', ')}`,
      );
    if (rest.includes('--help') || rest.includes('-h')) return print(helpOf(command));
    return await run(command, parseOptions(command, COMMANDS[command], rest));
  } catch (error) {
    process.stderr.write(`backup-drill: ${explain(error)}\n`);
    return error instanceof UsageError || nameOf(error) === NO_CREDENTIALS ? 2 : 1;
  }
}

/** Only what a command needs is loaded. */
async function run(command: CommandName, typed: Typed): Promise<number> {
  switch (command) {
    case 'drill':
      return await (await import('./commands/drill.ts')).drill(typed);
    case 'efs':
      return await (await import('./commands/efs.ts')).efs(typed);
    case 'restore':
      return await (await import('./commands/restore.ts')).restore(typed);
    case 'run':
      return await (await import('./commands/run.ts')).run(typed);
    case 'plan':
      return await (await import('./commands/plan.ts')).plan(typed);
    case 'points':
      return await (await import('./commands/points.ts')).points(typed);
    case 'rebuild':
      return await (await import('./commands/rebuild.ts')).rebuild(typed);
    case 'runs':
      return await (await import('./commands/runs.ts')).runs(typed);
    case 'check-policies':
      return await (await import('./commands/checkPolicies.ts')).checkPolicies(typed);
    case 'lab':
      return await (await import('./commands/lab.ts')).lab(typed);
  }
}

const NO_CREDENTIALS = 'CredentialsProviderError';

function nameOf(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined;
}

/** One line for a person. BACKUP_DRILL_DEBUG=1 shows the stack of what was not foreseen. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof UsageError || error instanceof RunError) return error.message;
  if (process.env.BACKUP_DRILL_DEBUG && error.stack) return error.stack;
  if (error.name === NO_CREDENTIALS)
    return 'no AWS credentials were found: set AWS_PROFILE or AWS_ACCESS_KEY_ID, or sign in with aws sso login';
  const line = error.message.split('\n')[0] ?? '';
  return error.name === 'Error' ? line : `${error.name}: ${line}`;
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}
