/**
 * esbuild plugins that leave out of a function's bundle what no Lambda function ever runs. Each is safe by
 * construction: it removes code that cannot be reached in Lambda, or tells esbuild what it cannot see by itself.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

/** Lambda hands a role's credentials over in the environment; SSO, profiles, processes and IMDS are for elsewhere. */
const credentialsFromLambda: Plugin = {
  name: 'credentials-from-lambda',
  setup(build) {
    const path = fileURLToPath(new URL('lambdaCredentials.ts', import.meta.url));
    build.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => ({ path }));
  },
};

/**
 * The SDK's schemas have keys such as `{ [_xN]: … }`, where `_xN` is a constant string of the same file. esbuild must
 * take a computed key for a side effect, and so keeps every operation of a service. Written as the string that it is,
 * only the schemas of the operations that a function calls remain.
 */
const schemasOfCalledOperations: Plugin = {
  name: 'schemas-of-called-operations',
  setup(build) {
    build.onLoad(
      { filter: /@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/ },
      async ({ path }) => {
        const source = await readFile(path, 'utf8');
        const constants = new Map<string, string>();
        for (const [, name, value] of source.matchAll(/^const (_\w+) = ("[^"\\]*");$/gm))
          constants.set(String(name), String(value));
        const contents = source.replaceAll(/\[(_\w+)\]:/g, (key, name: string) =>
          constants.has(name) ? `${constants.get(name)}:` : key,
        );
        return { contents, loader: 'js' };
      },
    );
  },
};

/** Zod's messages in sixty languages; English, its default, is imported by itself. */
const englishOnly: Plugin = {
  name: 'english-only',
  setup(build) {
    build.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: 'export {};',
      loader: 'js',
    }));
  },
};

/**
 * Zod's conversion of schemas to JSON Schema, a quarter of what it weighs: every schema has a method for it, so that
 * esbuild must keep it. policies.schema.json is written when the project is packaged, never by a function.
 */
const noJsonSchemas: Plugin = {
  name: 'no-json-schemas',
  setup(build) {
    build.onLoad(
      { filter: /zod[\\/]v4[\\/]core[\\/](to-json-schema|json-schema-processors)\.js$/ },
      async ({ path }) => {
        const source = await readFile(path, 'utf8');
        const names = [...source.matchAll(/^export (?:function|const) (\w+)/gm)].map(([, name]) => name);
        const leftOut = "() => { throw new Error('JSON Schema is left out of bundles'); }";
        return {
          contents: names.map((name) => `export const ${name} = ${leftOut};`).join('\n'),
          loader: 'js',
        };
      },
    );
  },
};

/**
 * The methods of `z.string()` that are deprecated for functions such as `z.email()`: each brings a format, whether it is
 * called or not. One that is called is missed at import, in tests/contracts/bundles.test.ts.
 */
const noFormatMethods: Plugin = {
  name: 'no-format-methods',
  setup(build) {
    build.onLoad({ filter: /zod[\\/]v4[\\/]classic[\\/]schemas\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const methods =
        /^ {4}\w+\(params\) \{\n {8}return this\.check\(core\._\w+\(Zod\w+, params\)\);\n {4}\},\n/gm;
      return { contents: source.replaceAll(methods, ''), loader: 'js' };
    });
  },
};

export const slim: Plugin[] = [
  credentialsFromLambda,
  schemasOfCalledOperations,
  englishOnly,
  noJsonSchemas,
  noFormatMethods,
];
