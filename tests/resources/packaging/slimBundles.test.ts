import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { slim } from '../../../resources/packaging/slimBundles.ts';

const project = fileURLToPath(new URL('../../..', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'bundles-'));
afterAll(() => rmSync(directory, { recursive: true }));

const options: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  logLevel: 'silent',
};

async function bundle(source: string, more: BuildOptions): Promise<string> {
  const stdin = { contents: source, resolveDir: project };
  const { outputFiles } = await build({ ...options, ...more, stdin, write: false });
  return outputFiles?.[0]?.text ?? '';
}

/** Whether two schemas are the same, however their parts refer to each other. */
function same(one: unknown, other: unknown, seen = new Map<unknown, unknown>()): boolean {
  if (typeof one === 'function' && typeof other === 'function') {
    // A class of an error, or `() => Another$`.
    if (one.prototype) return one.name === other.name;
    return same(one(), other(), seen);
  }
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other;
  if (seen.get(one) === other) return true;
  seen.set(one, other);
  const keys = Object.keys(one);
  if (keys.join() !== Object.keys(other).join()) return false;
  return keys.every((key) => same(Reflect.get(one, key), Reflect.get(other, key), seen));
}

test.each(['client-ec2', 'client-s3', 'client-dynamodb', 'client-ssm'])(
  'the schemas of %s are the same with their keys written out',
  async (client) => {
    const source = `export * from './node_modules/@aws-sdk/${client}/dist-es/schemas/schemas_0.js';`;
    const load = async (name: string, plugins: Plugin[]) => {
      const outfile = join(directory, `${client}-${name}.mjs`);
      await build({ ...options, plugins, outfile, stdin: { contents: source, resolveDir: project } });
      return await import(pathToFileURL(outfile).href);
    };
    const [whole, slimmed] = [await load('whole', []), await load('slim', slim)];
    expect(Object.keys(slimmed)).toEqual(Object.keys(whole));
    const different = Object.keys(whole).filter(
      (name) => /\$$/.test(name) && !same(whole[name], slimmed[name]),
    );
    expect(different).toEqual([]);
  },
  30_000,
);

describe('the bundle of a function that calls EC2', () => {
  const source = `import { DescribeImagesCommand, EC2Client } from '@aws-sdk/client-ec2';
    export const handler = () => new EC2Client({}).send(new DescribeImagesCommand({}));`;

  test('is a small part of what it would be', async () => {
    const [slimmed, whole] = [
      await bundle(source, { minify: true, plugins: slim }),
      await bundle(source, { minify: true }),
    ];
    const gzipped = (text: string) => gzipSync(text).length;
    // 208 kB without the plugins, 57 kB with them when this was written.
    expect(gzipped(slimmed)).toBeLessThan(0.4 * gzipped(whole));
    expect(slimmed).not.toContain('GetRoleCredentials');
    expect(slimmed).toContain('AWS_SESSION_TOKEN');
    expect(slimmed).not.toContain('CreateClientVpnEndpoint');
  }, 30_000);
});
