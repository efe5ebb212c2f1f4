import { spawnSync } from 'node:child_process';
import { accessSync } from 'node:fs';
import { describe, test } from '@jest/globals';

/** A test that is a part of test:full only, because it takes long and something like it is in npm test. */
export const inFull = (name: string, body: () => void | Promise<void>, limit?: number): void => {
  if (process.env.TEST_FULL === '1') test(name, body, limit);
};

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

/** Tests that need the machine's root; elsewhere they are skipped by name, with the reason. */
export const withRoot = (name: string, tests: () => void): void => group(isRoot, 'needs root', name, tests);

/** Tests on real block devices. */
export const withLoopDevices = (name: string, tests: () => void): void =>
  group(
    isRoot && succeeds('unshare', '--mount', 'true') && succeeds('losetup', '--find'),
    'needs root and loop devices',
    name,
    tests,
  );

/** Tests that need mount namespaces, of root or of an ordinary user. */
export const withNamespaces = (name: string, tests: () => void): void =>
  group(
    succeeds('unshare', '--mount', '--pid', '--fork', 'true') || succeeds('unshare', '-Urmpf', 'true'),
    'needs namespaces',
    name,
    tests,
  );

/** Tests that run something as a user without rights, which only root can begin. */
export const withOrdinaryUser = (name: string, tests: () => void): void =>
  group(
    isRoot && succeeds('setpriv', ...ORDINARY_USER, process.execPath, '--version') && readable(),
    'needs root to become an ordinary user who can read this directory',
    name,
    tests,
  );

/** Arguments of setpriv that make an ordinary user. */
export const ORDINARY_USER = ['--reuid=65534', '--regid=65534', '--clear-groups'];

/** Tests that need a tool of the machine. */
export const withTool = (tool: string, name: string, tests: () => void): void =>
  group(succeeds(tool, '--version'), `needs ${tool}`, name, tests);

/** Tests with the programs of the EFS worker, as root: only root can give files to others. */
export const withFpsync = (name: string, tests: () => void): void =>
  group(
    isRoot && ['fpsync', 'rsync', 'setfacl', 'setfattr', 'flock'].every((tool) => succeeds('which', tool)),
    'needs root, and fpart rsync acl attr',
    name,
    tests,
  );

/** Tests on file systems of user space. */
export const withFuse = (name: string, tests: () => void): void =>
  group(
    isRoot &&
      succeeds('test', '-e', '/dev/fuse') &&
      succeeds('pkg-config', 'fuse3') &&
      succeeds('which', 'fusermount3'),
    'needs root, /dev/fuse and libfuse3-dev',
    name,
    tests,
  );

function group(possible: boolean, reason: string, name: string, tests: () => void): void {
  if (possible) describe(name, tests);
  else describe.skip(`${name} [skipped: ${reason}]`, tests);
}

function succeeds(...argv: string[]): boolean {
  const [program = '', ...args] = argv;
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

function readable(): boolean {
  try {
    accessSync(import.meta.filename);
    return succeeds('setpriv', ...ORDINARY_USER, 'cat', import.meta.filename);
  } catch {
    return false;
  }
}
