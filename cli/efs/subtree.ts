import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The first directory below a source that holds something; everything where there is none. One whose name is no text
 * cannot be asked for, and is passed over.
 */
export function subtreeOf(source: string): string {
  const found = readdirSync(source, { withFileTypes: true, encoding: 'buffer' })
    .filter((entry) => entry.isDirectory() && Buffer.from(entry.name.toString()).equals(entry.name))
    .map((entry) => entry.name.toString())
    .filter((name) => readdirSync(join(source, name), { encoding: 'buffer' }).length > 0)
    .sort();
  return found[0] ?? '';
}

/** Removes a directory that was restored, with the directories in it that their owner may not write to. */
export function removeRestored(directory: string): void {
  spawnSync('chmod', ['-R', 'u+rwX', directory]);
  rmSync(directory, { recursive: true, force: true });
}
