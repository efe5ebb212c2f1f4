import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Microseconds that an operation takes; the figures of EFS that the bench stands for. */
const READ = 500;
const WRITE = 2_700;

/** Builds slowfs.c into a directory. @throws Error without gcc and libfuse3-dev */
export function buildSlowFs(directory: string): string {
  const program = join(directory, 'slowfs');
  const flags = execFileSync('pkg-config', ['--cflags', '--libs', 'fuse3'], { encoding: 'utf8' })
    .trim()
    .split(/\s+/);
  execFileSync('gcc', ['-O2', join(import.meta.dirname, 'slowfs.c'), '-o', program, ...flags]);
  return program;
}

/** Mounts a directory slowly on another one; returns what unmounts it. */
export function mountSlowly(
  program: string,
  directory: string,
  mountPoint: string,
  mostLinks = 0,
): () => void {
  execFileSync(program, [directory, mountPoint, String(READ), String(WRITE), String(mostLinks)], {
    stdio: 'ignore',
  });
  return () => {
    execFileSync('fusermount3', ['-u', '-z', mountPoint]);
  };
}
