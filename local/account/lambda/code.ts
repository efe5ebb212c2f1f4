import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { unzipSync } from 'fflate';

/** Unpacks a function's zip into a directory. @returns the module and the export that its handler names. */
export function unpack(zip: string, handler: string, directory: string): { module: string; handler: string } {
  const files = unzipSync(readFileSync(zip));
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  const dot = handler.lastIndexOf('.');
  const stem = handler.slice(0, dot);
  const file = ['.mjs', '.js', '.cjs'].map((end) => `${stem}${end}`).find((name) => name in files);
  if (!file) throw new Error(`${zip} holds no module for the handler ${handler}`);
  return { module: pathToFileURL(join(directory, file)).href, handler: handler.slice(dot + 1) };
}
