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

export const slim: Plugin[] = [credentialsFromLambda, schemasOfCalledOperations];
