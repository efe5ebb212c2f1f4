/**
 * A backup from EFS to EFS, against one rsync and against the old solution's own algorithm, on a file system of user
 * space that sleeps 0.5 ms in each operation that reads and 2.7 ms in each that writes (slowfs.c): 4,000 small files in
 * 200 directories. The methods take turns, and each figure is a ratio of medians. Ours is what a run takes: the
 * documents efs-backup, efs-verify and efs-publish; the others verify nothing.
 *
 * - `efsFullRatio`: one `rsync -a` over ours, the first generation. `efsIncrementalRatio`: one `rsync -a --link-dest` over
 *   ours, with 1% changed since the generation before. `efsVsOldRatio`: the same work by `cp -al`, fpsync with 16
 *   processes a core and one pass that deletes, over ours; it gets parts small enough to keep all of them busy.
 * - `efsExpiryRatio`: `rm -rf` of such a copy over efs-expire.
 * - `efsLocalRatio`: ours over one rsync on the local disk, without any latency: 60,000 files, 1% changed.
 */
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { EfsWorker, sh } from '../../resources/documents/efsWorker.ts';
import type { Figures } from '../figure.ts';
import { median } from '../median.ts';
import { buildSlowFs, mountSlowly } from './slowFileSystem.ts';

const ROUNDS = 3;
const SLOW = { directories: 200, files: 20 };
const LOCAL = { directories: 600, files: 100 };
const OLD_PROCESSES = availableParallelism() * 16;

export async function figures(): Promise<Figures> {
  const local = withWorker((worker) => {
    makeTree(worker.source, LOCAL);
    const slow = withWorker(onSlowFileSystem); // it takes minutes: what is to be backed up is seldom a minute old
    return { slow, ...onLocalDisk(worker) };
  });
  const { slow } = local;
  const ratio = (others: number[], ours: number[]) => median(others) / median(ours);
  const seconds = (values: number[]) => `${median(values).toFixed(1)} s`;
  return {
    efsFullRatio: {
      value: ratio(slow.rsyncFull, slow.full),
      unit: '',
      what: `rsync over a full backup, verified: ${seconds(slow.full)}`,
      goal: { atLeast: 9 },
      baseline: seconds(slow.rsyncFull),
    },
    efsIncrementalRatio: {
      value: ratio(slow.rsyncIncremental, slow.incremental),
      unit: '',
      what: `rsync --link-dest over an incremental backup, verified: ${seconds(slow.incremental)}`,
      goal: { atLeast: 6 },
      baseline: seconds(slow.rsyncIncremental),
    },
    efsVsOldRatio: {
      value: ratio(slow.oldIncremental, slow.incremental),
      unit: '',
      what: "the old solution's algorithm over the same, which verifies nothing",
      goal: { atLeast: 2 },
      baseline: seconds(slow.oldIncremental),
    },
    efsExpiryRatio: {
      value: ratio(slow.remove, slow.expire),
      unit: '',
      what: `rm -rf of a generation over its expiry: ${seconds(slow.expire)}`,
      goal: { atLeast: 8 },
      baseline: seconds(slow.remove),
    },
    efsLocalRatio: {
      value: ratio(local.incremental, local.rsync),
      unit: '',
      what: `an incremental backup on the local disk, verified, over one rsync: ${seconds(local.incremental)}`,
      goal: { atMost: 1.3 },
      baseline: seconds(local.rsync),
    },
  };
}

function withWorker<T>(measure: (worker: EfsWorker) => T): T {
  const worker = new EfsWorker();
  try {
    return measure(worker);
  } finally {
    worker.remove();
  }
}

function onSlowFileSystem(worker: EfsWorker) {
  const times = {
    rsyncFull: [],
    full: [],
    rsyncIncremental: [],
    incremental: [],
    oldIncremental: [],
    remove: [],
    expire: [],
  } as Record<
    'rsyncFull' | 'full' | 'rsyncIncremental' | 'incremental' | 'oldIncremental' | 'remove' | 'expire',
    number[]
  >;
  const back = `${worker.root}/back`;
  const mnt = `${worker.root}/mnt`;
  for (const directory of ['source', 'destination']) mkdirSync(`${back}/${directory}`, { recursive: true });
  makeTree(`${back}/source`, SLOW);
  const unmount = mountSlowly(buildSlowFs(worker.root), back, mnt);
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const others = `destination/others-${round}`;
      mkdirSync(`${mnt}/${others}`);
      times.rsyncFull.push(timed('rsyncFull', () => sh(mnt, `rsync -a source/ ${others}/one/`)));
      const folder = { Folder: `round-${round}` };
      times.full.push(timed('full', () => ours(worker, '20260101T000000Z', folder)));
      change(`${back}/source`, round);
      const linkDest = `rsync -a --link-dest=${mnt}/${others}/one source/ ${others}/two/`;
      times.rsyncIncremental.push(timed('rsyncIncremental', () => sh(mnt, linkDest)));
      times.incremental.push(timed('incremental', () => ours(worker, '20260102T000000Z', folder)));
      times.oldIncremental.push(
        timed('oldIncremental', () => oldAlgorithm(mnt, worker.root, `${others}/one`, `${others}/three`)),
      );
      times.remove.push(timed('remove', () => sh(mnt, `rm -rf ${others}/one`)));
      times.expire.push(
        timed('expire', () => worker.document('efs-expire', { Generations: '20260101T000000Z', ...folder })),
      );
      sh(back, `rm -rf ${others}`);
    }
  } finally {
    unmount();
  }
  return times;
}

function onLocalDisk(worker: EfsWorker) {
  const times: { rsync: number[]; incremental: number[] } = { rsync: [], incremental: [] };
  const others = `${worker.root}/others`;
  sh(worker.root, `mkdir others; rsync -a ${worker.source}/ ${others}/0/`);
  ours(worker, '20260101T000000Z', {});
  for (let round = 1; round <= ROUNDS; round++) {
    change(worker.source, round);
    const linkDest = `rsync -a --link-dest=${others}/${round - 1} ${worker.source}/ ${others}/${round}/`;
    times.rsync.push(timed('rsync', () => sh('/', linkDest)));
    times.incremental.push(timed('incremental', () => ours(worker, `2026020${round}T000000Z`, {})));
  }
  return times;
}

/** Everything that a run on the worker does. */
function ours(worker: EfsWorker, generation: string, folder: Record<string, string>): void {
  const parameters = { Generation: generation, ...folder };
  worker.document('efs-backup', { ...parameters, Threads: '0' });
  worker.document('efs-verify', parameters);
  worker.document('efs-publish', parameters);
}

/** Hard links to the generation before, fpsync into them, and one process that deletes what the source lost. */
function oldAlgorithm(mnt: string, work: string, before: string, after: string): void {
  const share = Math.ceil((SLOW.directories * SLOW.files) / OLD_PROCESSES);
  sh(mnt, `cp -al ${before} ${after}`);
  const fpsync = `fpsync -n ${OLD_PROCESSES} -f ${share} -t ${work}/old -o '-lptgoD --numeric-ids'`;
  sh(mnt, `${fpsync} ${mnt}/source/ ${mnt}/${after}/`);
  sh(mnt, `rsync -r --delete --existing --ignore-existing --ignore-errors source/ ${after}/`);
}

function makeTree(directory: string, { directories, files }: typeof SLOW): void {
  const script = `for ((d = 0; d < ${directories}; d++)); do
    path=$((d % 10))/$((d / 10)); mkdir -p $path; head -c ${2000 * files} /dev/urandom | split -a 3 -d -b 2000 - $path/
  done; find . -exec touch -h -d '2026-01-01' {} +`;
  sh(directory, script);
}

/** Changes one file of a hundred. */
function change(directory: string, round: number): void {
  sh(
    directory,
    `find . -type f | sort | awk 'NR % 100 == 1' | while read -r file; do echo ${round} > "$file"; done`,
  );
}

function timed(what: string, work: () => void): number {
  const began = performance.now();
  work();
  const seconds = (performance.now() - began) / 1000;
  process.stderr.write(` ${what} ${seconds.toFixed(1)} s;`);
  return seconds;
}
