import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Section } from './figure.ts';

/** Every section there is: the directories beside this file that have a `section.ts`. */
export function sectionNames(): string[] {
  return readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(fileOf(entry.name)))
    .map((entry) => entry.name)
    .sort();
}

export async function loadSection(name: string): Promise<Section> {
  return await import(pathToFileURL(fileOf(name)).href);
}

/** The sections asked for and all that they need, each after those that it needs. */
export async function inOrder(asked: readonly string[]): Promise<Map<string, Section>> {
  const order = new Map<string, Section>();
  const visit = async (name: string) => {
    if (order.has(name)) return;
    const section = await loadSection(name);
    for (const needed of section.needs ?? []) await visit(needed);
    order.set(name, section);
  };
  for (const name of asked) await visit(name);
  return order;
}

function fileOf(name: string): string {
  return join(import.meta.dirname, name, 'section.ts');
}
