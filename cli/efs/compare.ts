import { spawnSync } from 'node:child_process';

/** What two directories differ in, by programs that this product does not use for it; empty when they are the same. */
export function differences(one: string, other: string): string[] {
  return [
    ...lines('rsync', ['-naHAXS', '--checksum', '--delete', '--itemize-changes', `${one}/`, `${other}/`]),
    ...unequal('access control list', 'getfacl', ['-R', '-p', '.'], one, other),
    ...unequal('extended attributes', 'getfattr', ['-R', '-h', '-d', '-m', '-', '.'], one, other),
  ];
}

function lines(program: string, args: string[]): string[] {
  const { stdout, stderr, status, error } = spawnSync(program, args, { maxBuffer: 1 << 28 });
  if (error || status !== 0) return [`${program}: ${error?.message ?? stderr.toString().trim()}`];
  // A socket cannot be copied; the documents say so and count it.
  return stdout
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '' && !/^[<>c.]S/.test(line));
}

/** The first lines in which what a program says of two directories differs. */
function unequal(what: string, program: string, args: string[], one: string, other: string): string[] {
  const told = [one, other].map((cwd) => {
    const { stdout, error } = spawnSync(program, args, {
      cwd,
      maxBuffer: 1 << 28,
      env: { ...process.env, LC_ALL: 'C' },
    });
    return error ? [`${program}: ${error.message}`] : stdout.toString('latin1').split('\n').sort();
  });
  const [left = [], right = []] = told;
  if (left.join('\n') === right.join('\n')) return [];
  const inRight = new Set(right);
  const different = left.filter((line) => !inRight.has(line)).slice(0, 5);
  return [`${what}: ${different.join(', ') || `${right.length - left.length} lines more`}`];
}
