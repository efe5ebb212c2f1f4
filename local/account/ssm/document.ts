import { AwsError } from '../service.ts';

interface Parameter {
  type: string;
  default?: string;
  allowedPattern?: string;
  interpolationType?: string;
}

/** The part of a Command document, schema 2.2, that is simulated: one step of `aws:runShellScript`. */
export interface Document {
  parameters?: Record<string, Parameter>;
  mainSteps: [{ action: string; inputs: { timeoutSeconds?: string | number; runCommand: string[] } }];
}

/** What the agent is given to run. */
export interface Rendered {
  script: string;
  environment: Record<string, string>;
  timeoutSeconds: number;
}

/** AWS's default for `timeoutSeconds` of aws:runShellScript. */
const DEFAULT_TIMEOUT = 3600;

/**
 * A document with the parameters of one SendCommand. Parameters of interpolationType ENV_VAR become variables
 * `SSM_<Name>`, and a mention of them becomes a mention of the variable; all others are put into the text as they are.
 * @throws AwsError InvalidParameters: unknown, missing, not one value, or not fitting the pattern.
 */
export function render(document: Document, given: Record<string, string[]> = {}): Rendered {
  const declared = document.parameters ?? {};
  for (const name of Object.keys(given))
    if (!(name in declared)) throw invalid(`parameter ${name} is not defined in the document`);

  const values: Record<string, string> = {};
  for (const [name, parameter] of Object.entries(declared))
    values[name] = chosenValue(name, parameter, given[name]);

  const environment: Record<string, string> = {};
  for (const [name, { interpolationType }] of Object.entries(declared))
    if (interpolationType === 'ENV_VAR') environment[`SSM_${name}`] = values[name] ?? '';

  const fill = (text: string) =>
    text.replace(/\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g, (whole, name: string) => {
      if (`SSM_${name}` in environment) return `\${SSM_${name}}`;
      return values[name] ?? whole;
    });
  const { runCommand, timeoutSeconds = DEFAULT_TIMEOUT } = document.mainSteps[0].inputs;
  return {
    script: `${runCommand.map(fill).join('\n')}\n`,
    environment,
    timeoutSeconds: Number(fill(String(timeoutSeconds))),
  };
}

function chosenValue(name: string, parameter: Parameter, given: string[] | undefined): string {
  const [value = parameter.default, ...more] = given ?? [];
  if (value === undefined) throw invalid(`parameter ${name} requires a value`);
  if (more.length > 0) throw invalid(`parameter ${name} takes one value`);
  if (parameter.allowedPattern && !new RegExp(parameter.allowedPattern).test(value))
    throw invalid(`the value of parameter ${name} does not match ${parameter.allowedPattern}`);
  return value;
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameters', `Invalid parameters: ${message}`);
}
