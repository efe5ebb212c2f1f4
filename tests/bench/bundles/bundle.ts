import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { parse } from 'yaml';
import { slim } from '../../../resources/packaging/slimBundles.ts';

const PROJECT = join(import.meta.dirname, '..', '..', '..');

export interface Bundle {
  code: Uint8Array;
  inputs: Metafile['outputs'][string]['inputs'];
}

/**
 * Bundles modules as `serverless package` does: all together with the slimming plugins, as resources/packaging/bundles.ts
 * does it, and each once more by itself, as serverless-esbuild does with what that hands it.
 * @param sources by path below the project, without ending; read from there unless a source text is given
 */
export async function bundle(sources: ReadonlyMap<string, string | undefined>): Promise<Map<string, Bundle>> {
  const options = packagingOptions();
  const together = await build({
    ...options,
    entryPoints: Object.fromEntries([...sources.keys()].map((path) => [path, `bench:${path}`])),
    outdir: PROJECT,
    write: false,
    metafile: true,
    plugins: [
      {
        name: 'sources',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^bench:/ }, ({ path }) => {
            const name = path.slice('bench:'.length);
            if (sources.get(name) !== undefined) return { path: name, namespace: 'given' };
            return { path: join(PROJECT, `${name}.ts`) };
          });
          onLoad({ filter: /.*/, namespace: 'given' }, ({ path }) => ({
            contents: sources.get(path) ?? '',
            loader: 'js',
            resolveDir: PROJECT,
          }));
        },
      },
      ...slim,
    ],
  });
  const bundles = new Map<string, Bundle>();
  for (const { path, text } of together.outputFiles) {
    const name = relative(PROJECT, path);
    const again = await build({
      ...options,
      stdin: { contents: text, loader: 'js', resolveDir: PROJECT },
      write: false,
    });
    const inputs = together.metafile.outputs[name]?.inputs;
    const code = again.outputFiles[0]?.contents;
    if (!inputs || !code) throw new Error(`esbuild made no ${name}`);
    bundles.set(name.replace(/\.mjs$/, ''), { code, inputs });
  }
  return bundles;
}

/** What resources/packaging/packaging.yml tells esbuild. */
function packagingOptions(): BuildOptions {
  const { esbuild } = parse(readFileSync(join(PROJECT, 'resources/packaging/packaging.yml'), 'utf8'));
  const { bundle, minify, sourcemap, platform, target, format, mainFields, outputFileExtension } = esbuild;
  return {
    absWorkingDir: PROJECT,
    bundle,
    minify,
    sourcemap,
    platform,
    target,
    format,
    mainFields,
    outExtension: { '.js': outputFileExtension },
  };
}
