import { spawn } from 'node:child_process';
import type { CommandOutcome } from './host.ts';

/** Characters of each stream that are kept; AWS keeps far less. */
const KEPT = 1_000_000;
/** Milliseconds that setTimeout can count. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** Milliseconds that what is killed has for going. */
const GRACE = 2000;

export interface ExecuteOptions {
  /** The whole environment of the program; nothing of this process's own is added. */
  environment?: Record<string, string>;
  timeoutSeconds?: number;
  directory?: string;
  /** Kills it, as the end of its time does. */
  signal?: AbortSignal;
  /** Ends what the program has left behind, once it has ended or is out of time; may be called twice. */
  killRest?: () => Promise<void>;
}

/** What a program of the machine needs to be found. */
export const MACHINE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Runs a program in a process group of its own until it ends or its time is over. */
export function execute(argv: string[], options: ExecuteOptions = {}): Promise<CommandOutcome> {
  const [program = '', ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      env: options.environment ?? { PATH: MACHINE_PATH, LC_ALL: 'C' },
      cwd: options.directory ?? '/',
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const output = { stdout: '', stderr: '' };
    let timedOut = false;
    let killed: Promise<unknown> = Promise.resolve();
    const killRest = () => {
      killed = Promise.all([killed, options.killRest?.()]);
    };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (chunk: string) => {
        if (output[stream].length < KEPT) output[stream] += chunk;
      });
    }
    const kill = () => {
      timedOut = true;
      options.killRest?.();
      killGroup(child.pid);
    };
    const timer = setTimeout(kill, Math.min((options.timeoutSeconds ?? 600) * 1000, LONGEST_TIMER));
    options.signal?.addEventListener('abort', kill, { once: true });
    // What still runs in the background holds the streams open; what waits for a frozen disk cannot even be killed.
    child.on('exit', () => {
      killRest();
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, GRACE).unref();
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ exitCode: 127, stdout: '', stderr: error.message });
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      const outcome = { exitCode: code ?? 137, ...output, ...(timedOut ? { timedOut } : {}) };
      // The next program must not be killed for this one.
      void killed.then(() => resolve(outcome));
    });
  });
}

/** Runs a program that has to succeed. @throws Error with its own words. */
export async function must(argv: string[]): Promise<string> {
  const outcome = await execute(argv);
  if (outcome.exitCode !== 0) throw new Error(`${argv.slice(0, 4).join(' ')}: ${outcome.stderr.trim()}`);
  return outcome.stdout;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
