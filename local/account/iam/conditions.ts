import type { ConditionContext } from '../service.ts';
import { arnLike, like } from './patterns.ts';
import type { Conditions } from './policy.ts';
import { substitute } from './variables.ts';

type Test = (expected: string, actual: string) => boolean;

function compareNumbers(compare: (actual: number, expected: number) => boolean): Test {
  return (expected, actual) => expected !== '' && actual !== '' && compare(Number(actual), Number(expected));
}

function compareDates(compare: (actual: number, expected: number) => boolean): Test {
  const moment = (text: string) => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text));
  return (expected, actual) => compare(moment(actual), moment(expected));
}

function inNetwork(expected: string, actual: string): boolean {
  const [network = '', bits = '32'] = expected.split('/');
  const number = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  return Math.floor(number(actual) / size) === Math.floor(number(network) / size);
}

const equals: Test = (expected, actual) => actual === expected;
const equalsAnyCase: Test = (expected, actual) => actual.toLowerCase() === expected.toLowerCase();

/** What each operator asks of one expected and one actual value; a negated one (`not`) is true when no pair matches. */
const OPERATORS: Record<string, { test: Test; not?: true }> = {
  StringEquals: { test: equals },
  StringNotEquals: { test: equals, not: true },
  StringEqualsIgnoreCase: { test: equalsAnyCase },
  StringNotEqualsIgnoreCase: { test: equalsAnyCase, not: true },
  StringLike: { test: like },
  StringNotLike: { test: like, not: true },
  ArnEquals: { test: arnLike },
  ArnLike: { test: arnLike },
  ArnNotEquals: { test: arnLike, not: true },
  ArnNotLike: { test: arnLike, not: true },
  Bool: { test: equalsAnyCase },
  BinaryEquals: { test: equals },
  NumericEquals: { test: compareNumbers((a, b) => a === b) },
  NumericNotEquals: { test: compareNumbers((a, b) => a === b), not: true },
  NumericLessThan: { test: compareNumbers((a, b) => a < b) },
  NumericLessThanEquals: { test: compareNumbers((a, b) => a <= b) },
  NumericGreaterThan: { test: compareNumbers((a, b) => a > b) },
  NumericGreaterThanEquals: { test: compareNumbers((a, b) => a >= b) },
  DateEquals: { test: compareDates((a, b) => a === b) },
  DateNotEquals: { test: compareDates((a, b) => a === b), not: true },
  DateLessThan: { test: compareDates((a, b) => a < b) },
  DateLessThanEquals: { test: compareDates((a, b) => a <= b) },
  DateGreaterThan: { test: compareDates((a, b) => a > b) },
  DateGreaterThanEquals: { test: compareDates((a, b) => a >= b) },
  IpAddress: { test: inNetwork },
  NotIpAddress: { test: inNetwork, not: true },
};

/** Parts of `ForAnyValue:StringLikeIfExists`. @returns undefined for an operator that IAM does not have. */
export function readOperator(name: string) {
  const match = /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/.exec(name);
  const base = match?.[2] ?? '';
  const isNull = base === 'Null';
  if (!match || (!isNull && !OPERATORS[base]) || (isNull && match[3])) return undefined;
  return { quantifier: match[1], base, ifExists: match[3] !== undefined };
}

/** Every operator and every key of it must hold. */
export function conditionsHold(conditions: Conditions, context: ConditionContext): boolean {
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, expected]) => holds(operator, key, expected, context)),
  );
}

/** The values of a key; names of keys are compared without regard to case, those of tags in them too. */
function valuesOf(key: string, context: ConditionContext): string[] | undefined {
  const name = key.toLowerCase();
  const found = Object.keys(context).find((candidate) => candidate.toLowerCase() === name);
  const values = found === undefined ? undefined : context[found];
  return values === undefined ? undefined : [values].flat();
}

function holds(operator: string, key: string, expected: string[], context: ConditionContext): boolean {
  const parsed = readOperator(operator);
  if (!parsed) return false;
  const actual = valuesOf(key, context);
  if (parsed.base === 'Null')
    return expected.some((value) => (value.toLowerCase() === 'true') === !actual?.length);
  const rule = OPERATORS[parsed.base];
  if (!rule) return false;
  const isPattern = /Like|^Arn/.test(parsed.base);
  const patterns = expected.flatMap((value) => substitute(value, context, isPattern) ?? []);
  const one = (value: string) =>
    patterns.some((pattern) => rule.test(pattern, value)) !== (rule.not === true);
  if (parsed.quantifier === 'ForAllValues') return (actual ?? []).every(one);
  // Without a value nothing matches: a plain operator fails, a negated one holds, ForAnyValue always fails.
  if (!actual?.length) return parsed.ifExists || (rule.not === true && !parsed.quantifier);
  if (parsed.quantifier === 'ForAnyValue') return actual.some(one);
  return rule.not ? actual.every(one) : actual.some(one);
}
