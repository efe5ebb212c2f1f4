import type { Metafile } from 'esbuild';

/** An SDK client that a function uses, and the commands that it sends with it. */
interface Client {
  package: string;
  name: string;
  commands: string[];
}

const IN_CLIENT =
  /@aws-sdk\/client-([^/]+)\/dist-es\/(?:commands\/(?<command>\w+Command)|(?<client>\w+Client))\.js$/;
/** The DynamoDB client brings this command by itself, and a handler never names it. */
const OWN_COMMANDS = new Set(['DescribeEndpointsCommand']);

/** The clients in a bundle, by what esbuild says of its inputs. */
export function clientsIn(inputs: Metafile['outputs'][string]['inputs']): Client[] {
  const clients = new Map<string, Client>();
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    const found = IN_CLIENT.exec(path);
    if (!found || bytesInOutput === 0) continue;
    const [, of = ''] = found;
    const client = clients.get(of) ?? { package: `@aws-sdk/client-${of}`, name: '', commands: [] };
    clients.set(of, client);
    const { command, client: name } = found.groups ?? {};
    if (name !== undefined) client.name = name;
    if (command !== undefined && !OWN_COMMANDS.has(command)) client.commands.push(command);
  }
  return [...clients.values()].filter((client) => client.name !== '');
}

/**
 * The least that a function with these clients can be: it makes them at its first call and sends the same commands. No
 * schema, no logger, no middleware, no settings.
 */
export function bareHandler(clients: readonly Client[]): string {
  const imports = clients.map(
    (client) => `import { ${[client.name, ...client.commands].join(', ')} } from '${client.package}';`,
  );
  const variables = clients.map((_, at) => `let client${at};`);
  const body = clients.flatMap((client, at) => [
    `client${at} ??= new ${client.name}({});`,
    ...client.commands.map((command) => `await client${at}.send(new ${command}(event));`),
  ]);
  return [...imports, ...variables, 'export const handler = async (event) => {', ...body, '};'].join('\n');
}
