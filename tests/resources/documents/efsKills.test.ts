import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { inFull, withFpsync } from '../../requires.ts';
import { differences, EfsWorker, sh } from './efsWorker.ts';

const SESSION = join(import.meta.dirname, '../../../resources/documents/efs/session.sh');
const full = process.env.TEST_FULL === '1';
const KILLS = full ? 50 : 1;
jest.setTimeout(full ? 1_200_000 : 120_000);

/** Always the same numbers, from 0 to 1. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

/** Processes that a process has started, the oldest first. */
const children = (pid: string) => sh('/', `pgrep -P ${pid} || true`).split('\n').filter(Boolean);
const readIfThere = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '');

const id = (day: number) => `${20260000 + 100 * Math.ceil(day / 28) + (day % 28) + 1}T000000Z`;
const inventory = (directory: string) =>
  sh(
    directory,
    "find . -printf '%P %y %m %U %s %T@\\n' | sort; find . -type f -print0 | sort -z | xargs -0 -r cat | sha256sum",
  );

withFpsync('killed with SIGKILL at a random moment', () => {
  test(`${KILLS} times, in copy, verify, publish and expiry: nothing complete is lost or altered, and the next run finishes`, async () => {
    const worker = new EfsWorker();
    const random = randomFrom(7);
    sh(
      worker.source,
      'for d in 1 2 3 4 5 6; do mkdir -p $d/x; seq 300 | split -l 1 -a 3 - $d/x/; done; ln 1/x/aaa 6/linked',
    );
    worker.backUp(id(0));
    const complete = new Map([[id(0), inventory(worker.data(id(0)))]]);
    const killed: Record<string, number> = {};
    let expiring = '';

    for (let round = 1; round <= KILLS; round++) {
      sh(
        worker.source,
        `printf ${round} > 1/x/aa$((RANDOM % 10 > 4)); rm -rf 2/x/b; printf ${round} > 3/x/new-${round}; chmod $((600 + ${round} % 2 * 40)) 4/x/aab`,
      );
      const steps: [string, Record<string, string>, number][] = [
        ['efs-backup', { Generation: id(round) }, 2500],
        ['efs-verify', { Generation: id(round) }, 600],
        ['efs-publish', { Generation: id(round) }, 120],
        ['efs-expire', { Generations: [...complete.keys()].slice(0, -1).join(' ') }, 400],
      ];
      const victim = Math.floor(random() * steps.length);
      for (const [index, [name, parameters, milliseconds]] of steps.entries()) {
        if (index < victim) {
          worker.document(name, parameters);
          continue;
        }
        const started = worker.start(name, parameters);
        if (name === 'efs-expire') expiring = parameters.Generations ?? '';
        await new Promise((resolve) => setTimeout(resolve, random() * milliseconds));
        worker.killGroup(started.pid);
        if (round % 2 === 0) worker.killEverything();
        await started.ended;
        killed[name] = (killed[name] ?? 0) + 1;
        break;
      }
      worker.document('efs-stop', { Seconds: '1' });
      expect(worker.run('efs-stop').stdout).toContain('"wasRunning":false');

      for (const [generation, state] of Object.entries(worker.states())) {
        if (state !== 'complete') continue;
        const before = complete.get(generation);
        if (before === undefined) expect(differences(worker.source, worker.data(generation))).toBe('');
        complete.set(generation, before ?? inventory(worker.data(generation)));
        expect(inventory(worker.data(generation))).toBe(complete.get(generation));
      }
      for (const generation of [...complete.keys()]) {
        const gone = worker.states()[generation] !== 'complete';
        if (!gone) continue;
        expect(expiring.split(' ')).toContain(generation);
        complete.delete(generation);
      }
      expect(complete.size).toBeGreaterThan(0);
    }

    const last = id(KILLS + 1);
    worker.backUp(last);
    worker.document('efs-expire');
    expect(differences(worker.source, worker.data(last))).toBe('');
    for (const [generation, before] of complete) expect(inventory(worker.data(generation))).toBe(before);
    expect(new Set(Object.values(worker.states()))).toEqual(new Set(['complete']));
    if (full) expect(Object.keys(killed)).toHaveLength(4);
    worker.remove();
  });

  inFull(
    'a second start is refused while one runs, and also while only what it has started still runs',
    async () => {
      const worker = new EfsWorker();
      sh(
        worker.source,
        'mkdir a; seq 2000 | split -l 1 -a 4 - a/; truncate -s 1G big; head -c 200M /dev/urandom > bulk',
      );
      const first = worker.start('efs-backup', { Generation: id(1) });
      await worker.until(() => worker.document('efs-progress').phase === 'copy');
      expect(worker.run('efs-backup', { Generation: id(2) }).status).toBe(4);
      worker.killGroup(first.pid);
      await first.ended;
      if (worker.document('efs-progress').running)
        expect(worker.run('efs-backup', { Generation: id(2) }).status).toBe(4);
      worker.document('efs-stop');
      expect(worker.document('efs-progress').running).toBe(false);
      expect(worker.backUp(id(2))).toMatchObject({ continued: true });
      worker.remove();
    },
  );

  test('a process that has ended counts as ended, though its parent has not waited for it', async () => {
    const worker = new EfsWorker();
    const parent = spawn('sh', ['-c', ': & exec sleep 60'], { detached: true, stdio: 'ignore' });
    await worker.until(() => sh('/', `ps -o stat= -s ${parent.pid}`).includes('Z'));
    const script = `STATE=${worker.root}/run; source ${SESSION}
      echo "${parent.pid} $(started_at ${parent.pid})" > $STATE/session; session_processes`;
    expect(worker.shell(script, 'efs-stop', {})).toBe(`${parent.pid}\n`);
    parent.kill();
    worker.remove();
  });

  const deaths: [string, (session: string) => string[]][] = [
    ['of that and of the whole head of the copy', (session) => [session, children(session)[0] ?? '']],
  ];
  if (full) deaths.push(['of what lists the source', (session) => [children(session)[0] ?? '']]);
  test.each(deaths)('the death %s ends the copy at once, and the next run continues', async (_, victims) => {
    const worker = new EfsWorker();
    sh(worker.source, 'for d in {1..300}; do mkdir $d; for f in {1..10}; do echo $f > $d/$f; done; done');
    const copy = worker.start('efs-backup', { Generation: id(1) });
    const session = () =>
      readIfThere(`${worker.root}/run/backup-drill-efs/backups+nightly/session`).split(' ')[0] ?? '';
    await worker.until(() => session() !== '' && children(session()).length > 0);
    for (const pid of victims(session())) process.kill(Number(pid), 'SIGKILL');
    expect(await copy.ended).toBe(1);
    await worker.until(() => !worker.document('efs-progress').running);
    expect(worker.states()).toEqual({ [id(1)]: 'partial' });
    expect(worker.backUp(id(2))).toMatchObject({ status: 'copied', continued: true });
    expect(differences(worker.source, worker.data(id(2)))).toBe('');
    worker.remove();
  });

  test('a restore is stopped in order too, and leaves no half a file', async () => {
    const worker = new EfsWorker();
    sh(worker.source, 'mkdir a; seq 1000 | split -l 1 -a 4 - a/; head -c 80M /dev/urandom > bulk');
    worker.backUp(id(1));
    const restore = worker.start('efs-restore', { Generation: id(1), Target: 'back' });
    const state = `${worker.root}/run/backup-drill-efs/backups+nightly.restore/phase`;
    await worker.until(() => readIfThere(state).startsWith('copy'));
    expect(worker.document('efs-stop')).toMatchObject({ wasRunning: true, killed: false });
    await restore.ended;
    expect(sh(worker.target, "find . -name '.*.??????'")).toBe('');
    worker.remove();
  });

  test('what cannot be copied is said last, where the sender sees it', () => {
    const worker = new EfsWorker();
    sh(
      worker.root,
      `mkdir done; echo 'rsync: [sender] open "x" failed' > done/0-0.err; echo 'Parts done 1/1' > fpsync.log`,
    );
    const script = `SSM_Seconds=1 STATE=${worker.root} WORK=${worker.root}; source ${SESSION.replace('session', 'copy-session')}; say_errors`;
    expect(worker.shell(script, 'efs-stop', {}).trimEnd().split('\n')).toEqual([
      'Parts done 1/1',
      'rsync: [sender] open "x" failed',
    ]);
    worker.remove();
  });

  inFull('a stop lets what has begun end, and the next run continues', async () => {
    const worker = new EfsWorker();
    sh(worker.source, 'mkdir a; seq 3000 | split -l 1 -a 4 - a/; head -c 100M /dev/urandom > bulk');
    const first = worker.start('efs-backup', { Generation: id(1) });
    await worker.until(() => worker.document('efs-progress').phase !== 'none');
    const stopped = worker.document('efs-stop');
    expect(stopped).toMatchObject({ wasRunning: true, drained: true, killed: false });
    expect(await first.ended).toBe(0);
    expect(worker.states()).toEqual({ [id(1)]: 'partial' });
    expect(worker.backUp(id(2))).toMatchObject({ status: 'copied', continued: true });
    expect(differences(worker.source, worker.data(id(2)))).toBe('');
    worker.remove();
  });
});
