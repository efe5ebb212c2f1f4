import * as v from 'valibot';

/** What is wrong with a key that an object does not take, and what to do; `known` are the keys that it takes. */
export type UnknownKey = (key: string, known: readonly string[]) => string;

/**
 * An object that takes no other keys than these. Unlike Valibot's own it tells of every key that it does not take, not
 * only of the first; lets a key that is missing be told by its own schema; and is not content with a list.
 */
export function strictObject<const Entries extends v.ObjectEntries>(
  entries: Entries,
  unknownKey: UnknownKey = (_, known) => `there is no such key; it takes ${known.join(', ')}`,
): v.StrictObjectSchema<Entries, undefined> {
  const known = Object.keys(entries).filter((key) => !key.startsWith('AWS_'));
  const absent = Object.fromEntries(
    Object.entries(entries).flatMap(([key, entry]) => (isRequired(entry) ? [[key, undefined]] : [])),
  );
  const schema = v.object(entries);
  const noObject = v.never(`must have keys of its own; it takes ${known.join(', ')}`);
  return {
    ...v.strictObject(entries),
    '~run': (dataset, config) => {
      const given = dataset.value;
      if (!isObject(given)) return noObject['~run'](dataset, config);
      const read = schema['~run']({ value: { ...absent, ...given } }, config);
      const unknown = Object.keys(given).filter((key) => !Object.hasOwn(entries, key));
      const [first, ...rest] = [
        ...(read.issues ?? []),
        ...unknown.map((key) => issueOf(given, key, unknownKey(key, known))),
      ];
      return first === undefined ? read : { typed: false, value: read.value, issues: [first, ...rest] };
    },
  };
}

function isRequired({ type }: v.GenericSchema): boolean {
  return type !== 'optional' && type !== 'exact_optional' && type !== 'nullish';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function issueOf(input: Record<string, unknown>, key: string, message: string): v.StrictObjectIssue {
  return {
    kind: 'schema',
    type: 'strict_object',
    input: key,
    expected: 'never',
    received: JSON.stringify(key),
    message,
    path: [{ type: 'object', origin: 'key', input, key, value: input[key] }],
  };
}
