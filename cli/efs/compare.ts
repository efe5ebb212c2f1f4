import { spawnSync } from 'node:child_process';

/** Bytes of what a program says of a tree of some hundred thousand entries. */
const MUCH = 1 << 29;

/** What is listed of every entry that a backup has: sockets are said and skipped, since nothing of them can be kept. */
const LISTS = {
  pipes: "find . -type p -printf '%m %U %G %P\\0'",
  'access control lists': 'find . ! -type s ! -type l -print0 | sort -z | xargs -0r getfacl -p --',
  'extended attributes': 'find . ! -type s -print0 | sort -z | xargs -0r getfattr -h -d -m - --',
} as const;

/** What two directories differ in, by programs that this product does not use for it; empty when they are the same. */
export function differences(one: string, other: string): string[] {
  const lists = Object.entries(LISTS).flatMap(([what, command]) => unequal(what, command, one, other));
  return [...entries(one, other), ...lists];
}

/** Content by checksum, kinds, modes, owners, times, links; special files are compared as pipes. */
function entries(one: string, other: string): string[] {
  const args = ['-naHAXS', '--checksum', '--delete', '--itemize-changes', `${one}/`, `${other}/`];
  const { stdout, stderr, status, error } = spawnSync('rsync', args, { maxBuffer: MUCH });
  if (error || status !== 0) return [`rsync: ${error?.message ?? stderr.toString().trim()}`];
  const lines = stdout.toString('latin1').split('\n');
  return lines.filter((line) => line !== '' && !/^[<>ch.]S/.test(line));
}

/** The first lines in which what a command says of two directories differs. */
function unequal(what: string, command: string, one: string, other: string): string[] {
  const told = [one, other].map((cwd) => {
    const { stdout, error } = spawnSync('bash', ['-c', command], {
      cwd,
      maxBuffer: MUCH,
      env: { ...process.env, LC_ALL: 'C' },
    });
    return error ? `${what}: ${error.message}` : stdout.toString('latin1');
  });
  const [left = '', right = ''] = told;
  if (left === right) return [];
  const inRight = new Set(right.split(/[\n\0]/));
  const different = left.split(/[\n\0]/).filter((line) => !inRight.has(line));
  return [`${what}: ${different.slice(0, 5).join(', ') || 'there are more than there were'}`];
}
