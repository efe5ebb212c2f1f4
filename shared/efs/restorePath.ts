import * as v from 'valibot';

/** A path below a mount, as text of any kind, without the slashes around it; empty: all of the file system. */
export const restorePath = v.optional(
  v.pipe(
    v.string(),
    v.maxLength(1000),
    v.transform((text) => text.replace(/^\/+|\/+$/g, '')),
    v.check((text) => !text.split('/').includes('..'), 'leads out of the file system; leave .. out'),
    v.check(
      (text) => text === '' || !text.split('/').some((part) => part === '' || part === '.'),
      'has a part that names nothing; leave . and double slashes out',
    ),
  ),
  '',
);

/** The first of the folders that a target lies in, equals or has in it, if any: a restore to it could change them. */
export function touchedFolder(target: string, folders: readonly string[]): string | undefined {
  return folders.find((folder) => isWithin(target, folder) || isWithin(folder, target));
}

function isWithin(path: string, directory: string): boolean {
  return directory === '' || `${path}/`.startsWith(`${directory}/`);
}

/** Letters, digits and . _ - / stand for themselves: `a b/c` becomes `a%20b/c`, as the documents take it. */
export function percentEncoded(path: string): string {
  const hex = (byte: number) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return [...Buffer.from(path)]
    .map((byte) => (/[\w./-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : hex(byte)))
    .join('');
}
