import { parseArgs } from 'node:util';
import { UsageError } from './usage.ts';

/** One option of a command, as `--help` shows it and as it is parsed. */
export interface OptionSpec {
  /** What stands for the value in the help; an option without one is a switch. */
  value?: string;
  /** The only values that are taken. */
  choices?: readonly string[];
  /** May be given more than once. */
  multiple?: boolean;
  help: string;
}

/** One command: its words after the name, and its options. */
export interface CommandSpec {
  summary: string;
  /** Names of the positional arguments, all optional. */
  positionals: readonly string[];
  options: Record<string, OptionSpec>;
}

/** What was typed: values by option name (without dashes), switches as `''`. */
export interface Typed {
  positionals: string[];
  has(option: string): boolean;
  one(option: string): string | undefined;
  all(option: string): string[];
}

/** Parses the words after a command's name. @throws UsageError with one line that says what is right. */
export function parseOptions(command: string, spec: CommandSpec, words: string[]): Typed {
  const { tokens } = parseArgs({
    args: words,
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(spec.options).map(([name, option]) => [
        name,
        { type: option.value || option.choices ? 'string' : 'boolean' },
      ]),
    ),
  });
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const option = spec.options[token.name];
    if (!option || token.rawName !== `--${token.name}`) throw unknownOption(command, spec, token.rawName);
    const value = optionValue(token.rawName, option, token.value);
    const earlier = values.get(token.name);
    if (earlier && !option.multiple) throw new UsageError(`${token.rawName}: give it once`);
    values.set(token.name, [...(earlier ?? []), value]);
  }
  const extra = positionals[spec.positionals.length];
  if (extra !== undefined)
    throw new UsageError(
      spec.positionals.length === 0
        ? `${command} ${JSON.stringify(extra)}: ${command} takes options only; see backup-drill ${command} --help`
        : `${command} ${JSON.stringify(extra)}: one too many; it takes ${spec.positionals.join(' ')}`,
    );
  return {
    positionals,
    has: (option) => values.has(option),
    one: (option) => values.get(option)?.[0],
    all: (option) => values.get(option) ?? [],
  };
}

function optionValue(rawName: string, option: OptionSpec, value: string | undefined): string {
  if (!option.value && !option.choices) {
    if (value !== undefined) throw new UsageError(`${rawName}: takes no value`);
    return '';
  }
  if (value === undefined || value === '')
    throw new UsageError(`${rawName}: needs a value, ${rawName} ${placeholder(option)}`);
  if (option.choices && !option.choices.includes(value))
    throw new UsageError(`${rawName} ${JSON.stringify(value)}: choose one of ${option.choices.join(', ')}`);
  return value;
}

function unknownOption(command: string, spec: CommandSpec, rawName: string): UsageError {
  const known = Object.keys(spec.options).map((name) => `--${name}`);
  return new UsageError(`${command} has no option ${rawName}; it takes ${known.join(' ')}`);
}

function placeholder(option: OptionSpec): string {
  return option.value ?? option.choices?.join('|') ?? '';
}

/** The help of one command. */
export function commandHelp(command: string, spec: CommandSpec): string {
  const rows = Object.entries(spec.options).map(([name, option]) => ({
    left: `--${name} ${placeholder(option)}`.trim(),
    help: option.help,
  }));
  const width = Math.max(...rows.map((row) => row.left.length));
  const words = ['backup-drill', command, ...spec.positionals.map((name) => `[${name}]`), '[options]'];
  return [
    `usage: ${words.join(' ')}`,
    '',
    spec.summary,
    '',
    ...rows.map((row) => `  ${row.left.padEnd(width)}  ${row.help}`),
  ].join('\n');
}
