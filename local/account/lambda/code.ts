import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { unzipSync } from 'fflate';

/** Where a function's files lie, and what of them is called. */
export interface Code {
  directory: string;
  module: string;
  handler: string;
}

/** Unpacks a zip beside itself, once: it is named by its content, and only whole directories get the name. */
function unpacked(zip: string): string {
  const directory = zip.replace(/\.zip$/, '');
  if (existsSync(directory)) return directory;
  const building = mkdtempSync(`${directory}-`);
  for (const [name, content] of Object.entries(unzipSync(readFileSync(zip)))) {
    const path = join(building, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  try {
    renameSync(building, directory);
  } catch {
    rmSync(building, { recursive: true }); // another process was first
  }
  return directory;
}

/** Finds the code of a handler in a function's zip. @throws Error when the zip holds no module for it */
export function codeOf(zip: string, handler: string): Code {
  const directory = unpacked(zip);
  const dot = handler.lastIndexOf('.');
  const stem = handler.slice(0, dot);
  const file = ['.mjs', '.js', '.cjs'].map((end) => join(directory, `${stem}${end}`)).find(existsSync);
  if (!file) throw new Error(`${zip} holds no module for the handler ${handler}`);
  return { directory, module: pathToFileURL(file).href, handler: handler.slice(dot + 1) };
}
