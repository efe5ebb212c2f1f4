import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readScript } from '../../../resources/documents/plugin.ts';

const DOCUMENTS = join(import.meta.dirname, '../../../resources/documents');
const FOLDER = 'backups/nightly';
const DEFAULTS: Record<string, Record<string, string>> = {
  'efs-backup': { Threads: '4', Seconds: '600', Initialise: 'yes', Source: '/mnt/source' },
  'efs-verify': { Nonce: 'nonce', Source: '/mnt/source' },
  'efs-stop': { Seconds: '60' },
  'efs-restore': { Threads: '4', TargetMount: '/mnt/target', Seconds: '600' },
};

/** A worker in a directory: its root, and below /mnt the file systems, which are directories too. */
export class EfsWorker {
  readonly root: string;
  readonly source: string;
  readonly target: string;
  readonly folder: string;

  constructor() {
    this.root = mkdtempSync(join(tmpdir(), 'efs-worker-'));
    for (const directory of ['run', 'var/lib', 'mnt/source', 'mnt/destination', 'mnt/target'])
      mkdirSync(join(this.root, directory), { recursive: true });
    this.source = join(this.root, 'mnt/source');
    this.target = join(this.root, 'mnt/target');
    this.folder = join(this.root, 'mnt/destination', FOLDER);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** The directory of a generation that is complete. */
  data(generation: string): string {
    return join(this.folder, generation, 'data');
  }

  /** Runs a document to its end. */
  run(name: string, parameters: Record<string, string> = {}): SpawnSyncReturns<string> {
    return spawnSync('bash', [this.script(name)], {
      encoding: 'utf8',
      env: this.#environment(name, parameters),
      cwd: '/',
    });
  }

  /** Runs a document that has to succeed. Returns its result. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
  document(name: string, parameters: Record<string, string> = {}): any {
    const { status, stdout, stderr } = this.run(name, parameters);
    if (status !== 0) throw new Error(`${name} (${status}): ${stderr}`);
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  }

  /** Starts a document in a process group of its own, and does not wait. */
  start(name: string, parameters: Record<string, string> = {}) {
    const options = {
      env: this.#environment(name, parameters),
      cwd: '/',
      detached: true,
      stdio: 'ignore',
    } as const;
    const child = spawn('bash', [this.script(name)], options);
    const ended = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 137)));
    return { pid: child.pid ?? 0, ended };
  }

  /** What a reboot or the agent's own end does to a document and what it has started in its group. */
  killGroup(pid: number): void {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }

  /** What a power failure does: every process that was started by a document of this worker, in whatever session. */
  killEverything(): void {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        if (line.includes(this.root) && Number(pid) !== process.pid) process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    }
  }

  /** Waits for what must come within a minute. */
  async until(condition: () => boolean): Promise<void> {
    for (const end = Date.now() + 60_000; !condition(); ) {
      if (Date.now() > end) throw new Error('it did not come');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** A complete generation, by all the documents that it takes. Returns the result of the copy. */
  backUp(generation: string, parameters: Record<string, string> = {}) {
    const copied = this.document('efs-backup', { Generation: generation, ...parameters });
    this.document('efs-verify', { Generation: generation });
    this.document('efs-publish', { Generation: generation });
    return copied;
  }

  /** Runs a shell with a document's parameters; returns what it printed. */
  shell(script: string, name: string, parameters: Record<string, string>): string {
    const env = this.#environment(name, parameters);
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8', env, cwd: '/' });
    if (status !== 0) throw new Error(stderr);
    return stdout;
  }

  states(): Record<string, string> {
    const { generations } = this.document('efs-list');
    return Object.fromEntries(
      generations.map((one: { generation: string; state: string }) => [one.generation, one.state]),
    );
  }

  #environment(name: string, parameters: Record<string, string>): Record<string, string> {
    const all = {
      Root: this.root,
      Folder: FOLDER,
      Destination: '/mnt/destination',
      DestinationId: 'fs-destination',
      Mounts: 'unchecked',
      ...DEFAULTS[name],
      ...parameters,
    };
    const entries = Object.entries(all).map(([key, value]) => [`SSM_${key}`, value]);
    return { PATH: process.env.PATH ?? '', LC_ALL: 'C', ...Object.fromEntries(entries) };
  }

  /** The file of a document. */
  script(name: string): string {
    const path = join(this.root, `${name}.sh`);
    writeFileSync(path, readScript(DOCUMENTS, name));
    return path;
  }
}

/** Runs a program that has to succeed; returns what it printed. */
export function sh(directory: string, script: string): string {
  const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: directory,
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
    maxBuffer: 100_000_000,
  });
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
  return stdout;
}

/**
 * What programs that took no part in the copy find different between two trees, sockets apart; empty where nothing is.
 * Names of one file must be names of one file in both.
 */
export function differences(left: string, right: string): string {
  const changed = sh('/', `rsync -naHAXS --checksum --itemize-changes --delete "${left}/" "${right}/"`)
    .split('\n')
    .filter((line) => line !== '' && !/^.S[^ ]* |^skipping|^cS|^cD\S* .*socket$/.test(line));
  const [before, after] = [facts(left), facts(right)];
  const only = (some: string[], others: string[]) => {
    const known = new Set(others);
    return some.filter((fact) => !known.has(fact));
  };
  return [
    ...changed,
    ...only(before, after).map((fact) => `-${fact}`),
    ...only(after, before).map((fact) => `+${fact}`),
  ].join('\n');
}

/** Modes, owners, sizes, link targets, lists of rights, attributes and groups of names of a tree. */
function facts(tree: string): string[] {
  const listed = (script: string, separator: string) => sh(tree, script).split(separator);
  const groups = new Map<string, string[]>();
  for (const record of listed(`find . ! -type d ! -type s -printf '%i/%P\\0'`, '\0')) {
    const [inode = ''] = record.split('/', 1);
    groups.set(inode, [...(groups.get(inode) ?? []), record.slice(inode.length)]);
  }
  return [
    ...listed('getfacl -Rpn .', '\n\n').filter((block) => !/^# file: \S*socket\n/.test(block)),
    ...listed('getfattr -Rdh -m - . 2> /dev/null', '\n\n'),
    ...listed(`find . ! -type s ! -type d -printf '%P %y %m %U %G %s %T@ %l\\0'`, '\0'),
    ...listed(`find . -mindepth 1 -type d -printf '%P %m %U %G %T@\\0'`, '\0'),
    ...[...groups.values()]
      .filter((names) => names.length > 1)
      .map((names) => `one file: ${names.sort().join(' ')}`),
  ];
}

/** Everything that a careless copy gets wrong. Nothing in it depends on the time. */
export const HOSTILE_TREE = `
umask 022
printf 'of "%s"\\n' "$PWD" > ./plain
printf x > 'two words'; printf nl > $'new\\nline'; printf tab > $'tab\\there'; printf d > ./-rf; printf h > ./--help
printf q > "single'quote"; printf q > 'double"quote'; printf b > 'back\\\\slash'; printf s > 'star*'; printf e > '$(dollar)'
printf u > 'ünïcödé-文件'; printf i > $'invalid-\\xff\\xfe'; printf s > ' spaces '; printf t > $'trailing newline\\n'
printf n > "$(printf 'n%.0s' {1..255})"
mkdir -p empty deep/deep/deep/deep .snapshot/inner .zfs .ckpt $'dir\\n\\xfe' many -- -dash
printf z > .snapshot/inner/kept; printf z > .zfs/kept; printf z > .ckpt/kept; printf z > $'dir\\n\\xfe/file'; printf z > ./-dash/file
for number in {1..400}; do printf '%s' $number > many/$number; done
printf a > linked; ln linked deep/linked; ln linked deep/deep/$'also\\nlinked'; printf b > many/twin; ln many/twin -- -dash/twin
ln -s plain link; ln -s /nowhere dangling; ln -s $'to\\nnewline' $'link\\nnewline'; ln link deep/same-link
mkfifo fifo; perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => "socket", Listen => 1) or die'
 truncate -s 3000000 sparse; printf end >> sparse; truncate -s 2000000 hole
printf '#!/bin/sh\\n' > setuid; chmod 4755 setuid; mkdir setgid sticky closed; chmod 2775 setgid; chmod 1777 sticky
printf secret > closed/file; chmod 000 closed/file; chmod 0500 closed
setfacl -m u:4242:rw,g:4343:r many/1; setfacl -d -m u:4242:rwx setgid
setfattr -n user.note -v $'a\\nb' many/2; setfattr -n user.note -v dir deep
chown 4242:4343 many/3; chown -h 4242:4343 dangling; [ "$(id -u)" = 0 ] && mknod device c 1 3
head -c 3000000 /dev/urandom > three-megabytes
mkdir becomes-file; printf x > becomes-file/inner; printf x > becomes-directory
touch -d '2001-09-09 01:46:40.123456789 UTC' plain many/5; touch -h -d '2038-01-19 03:14:08 UTC' link
find . -type d -exec touch -d '2020-02-02' {} +
`;
