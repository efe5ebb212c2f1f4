import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandOutcome, RunOptions } from './host.ts';
import type { Capabilities } from './isolation.ts';
import { execute, MACHINE_PATH } from './process.ts';

const BOOT = join(import.meta.dirname, 'boot.sh');
const TOOLS = join(import.meta.dirname, 'bin');
/** Nothing listens there: what an instance without a path to S3 is given for a proxy. */
const NOWHERE = 'http://127.0.0.1:9';

/** An instance that is up: its volumes' directories (the root volume first) and, in a namespace, its first process. */
export class Instance {
  readonly id: string;
  readonly volumes: string[];
  /** The directory that is `/` to the instance. */
  readonly root: string;
  /** Directories of this machine that are network file systems to it, by their ids. */
  readonly fileSystems: ReadonlyMap<string, string>;
  readonly #capabilities: Capabilities;
  readonly #marks = new Set<string>();
  #first: ChildProcess | undefined;
  #loops = false;
  #commands = 0;

  constructor(
    id: string,
    volumes: string[],
    capabilities: Capabilities,
    fileSystems: ReadonlyMap<string, string> = new Map(),
  ) {
    this.fileSystems = fileSystems;
    this.id = id;
    this.volumes = volumes;
    this.root = join(volumes[0] ?? '', 'tree');
    this.#capabilities = capabilities;
  }

  /** Boots with a new boot id. @throws Error with the boot's own words. */
  async start(loops: boolean): Promise<void> {
    this.#loops = loops;
    const { isolation, unshare } = this.#capabilities;
    const script = ['bash', BOOT, isolation, this.root, TOOLS, randomUUID(), ...this.volumes];
    const [program = '', ...args] = isolation === 'namespace' ? ['unshare', ...unshare, ...script] : script;
    const reachable = [...this.fileSystems].map(([fileSystem, directory]) => `${fileSystem}=${directory}`);
    const first = spawn(program, args, {
      env: { PATH: MACHINE_PATH, FILE_SYSTEMS: reachable.join('\n') },
      cwd: '/',
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    await new Promise<void>((resolve, reject) => {
      let complaint = '';
      first.stderr.setEncoding('utf8').on('data', (text: string) => {
        complaint += text;
      });
      first.stdout.once('data', () => resolve());
      first.once('error', reject);
      first.once('close', () => reject(new Error(`${this.id} does not boot: ${complaint.trim()}`)));
    });
    if (isolation === 'namespace') {
      this.#first = first;
      for (const handle of [first, first.stdin, first.stdout, first.stderr]) unreference(handle);
    }
  }

  /** Powers off: ends every process, thaws and unmounts. */
  async stop(): Promise<void> {
    const first = this.#first;
    for (const mark of this.#marks) killMarked(mark);
    if (!first) return await this.unmountAll().then(() => undefined);
    this.#first = undefined;
    first.ref();
    const ended = new Promise((resolve) => first.once('close', resolve));
    if (first.exitCode === null && first.signalCode === null) {
      first.stdin?.end();
      await ended;
    }
  }

  /** Runs a script as the SSM agent does: from a file of the root volume, by `sh -c`, with a clean environment. */
  async run(script: string, variables: Record<string, string>, options: RunOptions): Promise<CommandOutcome> {
    const directory = `/var/lib/amazon/ssm/${this.id}/document/orchestration/${++this.#commands}`;
    const file = `${directory}/_script.sh`;
    await mkdir(join(this.root, directory), { recursive: true });
    await writeFile(join(this.root, file), script, { mode: 0o700 });
    const mark = randomUUID();
    const environment = this.#environment(variables, mark, options.canReachS3);
    const inside = this.#first !== undefined;
    const argv = inside ? [...this.#enter(), 'sh', '-c', file] : ['sh', '-c', join(this.root, file)];
    // Several commands may run side by side on a worker: each is known by its mark there.
    const alone = inside && this.fileSystems.size === 0;
    const killRest = async () => (alone ? await this.#killAll() : killMarked(mark));
    this.#marks.add(mark);
    const outcome = await execute(argv, { environment, ...options, killRest });
    this.#marks.delete(mark);
    await rm(join(this.root, directory), { recursive: true, force: true });
    return outcome;
  }

  /** Unmounts what is mounted by a move, so that a copy of a volume holds its own data and no other's. */
  async unmountAll(): Promise<string[]> {
    if (this.#first) return [];
    const moved = this.volumes.flatMap((volume) => {
      const directory = readFileIfThere(join(volume, 'mounted'))?.trim();
      return directory ? [directory] : [];
    });
    moved.sort((a, b) => b.length - a.length);
    for (const directory of moved) await this.#tool('umount', directory);
    return moved.reverse();
  }

  /** Mounts again what `unmountAll` took away. */
  async mountAgain(directories: string[]): Promise<void> {
    for (const directory of directories) await this.#tool('mount', directory);
  }

  async #tool(...argv: string[]): Promise<void> {
    const environment = this.#environment({}, '', false);
    const outcome = await execute(['bash', join(TOOLS, 'disks', argv[0] ?? ''), ...argv.slice(1)], {
      environment,
    });
    if (outcome.exitCode !== 0) throw new Error(outcome.stderr);
  }

  #environment(variables: Record<string, string>, mark: string, canReachS3: boolean): Record<string, string> {
    const inside = this.#first !== undefined;
    const tools = inside ? '/run/tools' : TOOLS;
    const asked = variables.SSM_Root ?? '/';
    return {
      ...variables,
      SSM_CommandMark: mark,
      ...(inside ? {} : { SSM_Root: join(this.root, asked).replace(/\/$/, '') }),
      PATH: `${this.fileSystems.size > 0 ? `${tools}/efs:` : ''}${tools}/${this.#loops ? 'loops' : 'disks'}:${tools}:${MACHINE_PATH}`,
      HOME: inside ? '/root' : join(this.root, 'root'),
      LANG: 'C.UTF-8',
      ...(canReachS3 ? {} : { http_proxy: NOWHERE, https_proxy: NOWHERE }),
    };
  }

  #enter(): string[] {
    const user = this.#capabilities.unshare.includes('--user') ? ['--user', '--preserve-credentials'] : [];
    const pid = this.#first?.pid;
    const spaces = ['--mount', '--uts', `--pid=/proc/${pid}/ns/pid_for_children`];
    return ['nsenter', `--target=${pid}`, ...user, ...spaces, 'chroot', this.root];
  }

  async #killAll(): Promise<void> {
    if (this.#first) await execute([...this.#enter(), 'bash', '-c', 'kill -KILL -1']);
  }
}

function unreference(handle: unknown): void {
  if (typeof handle === 'object' && handle && 'unref' in handle && typeof handle.unref === 'function')
    handle.unref();
}

function readFileIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

/** Kills every process that carries the mark in its environment, whatever group or session it has moved to. */
function killMarked(mark: string): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (!readFileIfThere(`/proc/${pid}/environ`)?.includes(mark)) continue;
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}
