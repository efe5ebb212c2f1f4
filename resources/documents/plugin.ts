/**
 * Serverless plugin: makes an SSM Command document of each script that documents.yml lists. The framework cannot
 * include a script by itself: it would resolve the shell's own `${…}`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Serverless } from '../packaging/serverless.ts';

const FOLDER = 'resources/documents';

export default class Documents {
  readonly hooks: Record<string, () => void>;

  constructor(serverless: Serverless) {
    this.hooks = { 'before:package:finalize': () => addDocuments(serverless) };
  }
}

/** What documents.yml says of a script. */
export interface DocumentSpec {
  description: string;
  parameters?: Record<string, ParameterSpec>;
}

interface ParameterSpec {
  description: string;
  default?: string | number;
  allowedPattern?: string | undefined;
}

function addDocuments(serverless: Serverless): void {
  const { service, serviceDir } = serverless;
  const prefix = `${service.service}-${serverless.getProvider('aws').getStage()}`;
  const folder = join(serviceDir, FOLDER);
  const documents: Record<string, DocumentSpec> = parse(readFileSync(join(folder, 'documents.yml'), 'utf8'));
  for (const [name, document] of Object.entries(documents)) {
    const script = readScript(folder, name);
    service.provider.compiledCloudFormationTemplate.Resources[logicalId(name)] = {
      Type: 'AWS::SSM::Document',
      Properties: {
        Name: `${prefix}-${name}`,
        DocumentType: 'Command',
        TargetType: '/AWS::EC2::Instance',
        UpdateMethod: 'NewVersion', // a document with a name of its own cannot be replaced
        Tags: Object.entries(service.provider.tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
        Content: content(name, document, script),
      },
    };
  }
}

/** The script of a document. Lines such as `source efs/worker.sh` become the file that they name. */
export function readScript(folder: string, name: string): string {
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  const withoutDirective = (text: string) => text.replace(/^# shellcheck shell=bash\n/, '');
  return read(`${name}.sh`).replace(/^source (\S+\.sh)\n/gm, (_, file: string) =>
    withoutDirective(read(file)),
  );
}

/** `read-manifest` becomes `ReadManifestDocument`. */
function logicalId(name: string): string {
  const words = name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join('')}Document`;
}

/** The document of a script. Its parameters reach the shell as environment variables `SSM_<Name>`, never as text. */
export function content(name: string, { description, parameters = {} }: DocumentSpec, script: string) {
  const own: Record<string, ReturnType<typeof parameter>> = {};
  for (const [key, value] of Object.entries(parameters)) own[key] = parameter(name, key, value);
  return {
    schemaVersion: '2.2',
    description,
    parameters: {
      ...own,
      executionTimeout: {
        type: 'String',
        description: 'Seconds after which the agent stops the script.',
        default: '3600',
        allowedPattern: '^[1-9][0-9]{0,5}$',
      },
    },
    mainSteps: [
      {
        action: 'aws:runShellScript',
        name: 'run',
        precondition: { StringEquals: ['platformType', 'Linux'] },
        inputs: {
          timeoutSeconds: '{{ executionTimeout }}',
          runCommand: lines(script, Object.keys(parameters)),
        },
      },
    ],
  };
}

function parameter(
  document: string,
  name: string,
  { description, default: value, allowedPattern }: ParameterSpec,
) {
  if (!keepsShellSyntaxOut(allowedPattern))
    throw new Error(
      `resources/documents: ${document}, parameter ${name}: allowedPattern must go from ^ to $ and let none of " $ \` \\ through`,
    );
  return {
    type: 'String',
    description,
    ...(value !== undefined && { default: String(value) }),
    allowedPattern,
    interpolationType: 'ENV_VAR',
  };
}

/** Whether no value that fits can hold what a shell reads between double quotes. */
function keepsShellSyntaxOut(pattern = ''): boolean {
  const [, inner] = /^\^(.*)\$$/s.exec(pattern) ?? [];
  if (inner === undefined) return false;
  const classes = inner.match(/\[[^\]]*\]/g) ?? [];
  const letsOut = (one: string, character: string) => new RegExp(one).test(character);
  if (classes.some((one) => ['"', '$', '`', '\\', '\n'].some((character) => letsOut(one, character))))
    return false;
  let rest = inner.replaceAll(/\[[^\]]*\]/g, '');
  if (/["$`\\.]/.test(rest)) return false;
  // An alternative outside of any group would not be held by ^ and $.
  for (let before = ''; before !== rest; ) {
    before = rest;
    rest = rest.replaceAll(/\([^()]*\)/g, '');
  }
  return !rest.includes('|');
}

/**
 * The script's lines, after AWS's own preamble for agents older than 3.3.2746.0, which set no environment variables;
 * the pattern has kept out whatever a shell would read between double quotes.
 */
function lines(script: string, names: string[]): string[] {
  const [first = '', ...rest] = script.trimEnd().split('\n');
  const preamble = names.map((name) => `[ -n "\${SSM_${name}+x}" ] || export SSM_${name}="{{ ${name} }}"`);
  return [first, ...preamble, ...rest];
}
