import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { MACHINE_PATH } from './process.ts';

/** `namespace`: an instance has its own mounts, processes and host name; `root-parameter`: documents get its directory. */
export type Isolation = 'namespace' | 'root-parameter';

/** How this machine lets instances run, found out by trying. */
export interface Capabilities {
  isolation: Isolation;
  /** Arguments for `unshare` that make an instance's namespaces. */
  unshare: string[];
  /** This process may give files to other users, and attach loop devices. */
  root: boolean;
}

const NAMESPACES = ['--mount', '--pid', '--uts', '--fork', '--kill-child'];
const AS_ROOT_OF_USER = ['--user', '--map-root-user'];

/** @throws Error when a namespace was asked for and the kernel refuses it. */
export function detectCapabilities(wanted: 'auto' | Isolation): Capabilities {
  const root = existsSync('/proc/self') && process.getuid?.() === 0;
  const variants = root
    ? [NAMESPACES, [...AS_ROOT_OF_USER, ...NAMESPACES]]
    : [[...AS_ROOT_OF_USER, ...NAMESPACES]];
  if (wanted !== 'root-parameter') {
    for (const unshare of variants) {
      if (works(unshare)) return { isolation: 'namespace', unshare, root: root && unshare === NAMESPACES };
    }
    if (wanted === 'namespace') throw new Error('namespaces are switched off on this machine');
  }
  return { isolation: 'root-parameter', unshare: [], root };
}

/** Makes the namespaces and the mounts that a boot needs, for the length of one `true`. */
function works(unshare: string[]): boolean {
  const script =
    'mount --make-rprivate / && mount -t tmpfs tmpfs /tmp && mount -t proc proc /proc && hostname trial && chroot / true';
  const trial = spawnSync('unshare', [...unshare, 'sh', '-c', script], { env: { PATH: MACHINE_PATH } });
  return trial.status === 0;
}
