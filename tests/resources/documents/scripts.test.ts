import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { readScript } from '../../../resources/documents/plugin.ts';
import { withTool } from '../../requires.ts';

const FOLDER = join(import.meta.dirname, '../../../resources/documents');
const files = globSync('*.sh', { cwd: FOLDER });
const declared: Record<string, { parameters: Record<string, { default?: string; allowedPattern: string }> }> =
  parse(readFileSync(join(FOLDER, 'documents.yml'), 'utf8'));

describe.each(files)('%s', (file) => {
  const text = readScript(FOLDER, file.replace('.sh', ''));
  const { parameters = {} } = declared[file.replace('.sh', '')] ?? {};

  test('reads the parameters that documents.yml declares, each of them and no other', () => {
    const read = new Set([...text.matchAll(/SSM_([A-Za-z]+)/g)].map(([, name]) => name));
    expect([...read].sort()).toEqual(Object.keys(parameters).sort());
  });

  test('holds nothing that the agent would replace, and is small enough for a document', () => {
    expect(text).not.toContain('{{');
    expect(text.length).toBeLessThan(48_000); // a document may have 64 KB, as JSON
  });

  test('every default fits its own pattern, and no pattern lets shell syntax in', () => {
    for (const { default: value, allowedPattern } of Object.values(parameters)) {
      const pattern = new RegExp(allowedPattern);
      if (value !== undefined) expect(value).toMatch(pattern);
      for (const hostile of [
        '$(id)',
        '`id`',
        '"; id',
        "'; id",
        '/a\nid',
        '/a;id',
        '/a|id',
        '/a\\',
        '/../a b$',
      ])
        expect(`${allowedPattern} lets ${hostile} in: ${pattern.test(hostile)}`).toMatch(/false$/);
    }
  });
});

withTool('shellcheck', 'shellcheck', () => {
  test('finds nothing in any script', () => {
    const scripts = globSync(['resources/documents/*.sh', 'local/host/*.sh', 'local/host/bin/{*,*/*}'], {
      cwd: join(FOLDER, '../..'),
      exclude: (name) => /bin\/(disks|loops)$/.test(name),
    });
    const { stdout } = spawnSync('shellcheck', scripts, { encoding: 'utf8', cwd: join(FOLDER, '../..') });
    expect(scripts.length).toBeGreaterThan(10);
    expect(stdout).toBe('');
  });
});
