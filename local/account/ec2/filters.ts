import type { Filter, Tag } from '@aws-sdk/client-ec2';
import { AwsError } from '../service.ts';

/** The values that an item has for a filter, by the filter's name. */
export type Fields<Data> = Record<string, (data: Data) => (string | undefined)[]>;

const MOST_FILTERS = 50;
const MOST_VALUES = 200;

/**
 * Makes the question of whether an item passes every filter: one of a filter's values must match, `*` standing for any
 * characters and `?` for one. `tag:<key>` and `tag-key` are known for everything.
 * @throws AwsError InvalidParameterValue for an unknown filter, FilterLimitExceeded for too many.
 */
export function matcher<Data extends { Tags?: Tag[] | undefined }>(
  filters: readonly Filter[],
  fields: Fields<Data>,
): (data: Data) => boolean {
  if (filters.length > MOST_FILTERS || filters.some((filter) => (filter.Values ?? []).length > MOST_VALUES))
    throw new AwsError('FilterLimitExceeded', 'The request uses too many filters or too many filter values.');
  const tests = filters.map((filter) => {
    const values = valuesOf(filter.Name ?? '', fields);
    const fits = fitting(filter);
    return (data: Data) => values(data).some((value) => value !== undefined && fits(value));
  });
  return (data) => tests.every((test) => test(data));
}

/** Whether a request asks by tags, which AWS answers from an index that lags behind. */
export function asksByTag(filters: readonly Filter[]): boolean {
  return filters.some((filter) => filter.Name?.startsWith('tag'));
}

/** The values of a filter when all stand for themselves, without a wildcard among them. */
export function literalsOf({ Values = [] }: Filter): string[] | undefined {
  return Values.some((value) => /[*?\\]/.test(value)) ? undefined : Values;
}

/** What an item has for a filter. @throws AwsError InvalidParameterValue for an unknown one. */
export function valuesOf<Data extends { Tags?: Tag[] | undefined }>(
  name: string,
  fields: Fields<Data>,
): (data: Data) => (string | undefined)[] {
  if (name.startsWith('tag:')) {
    const key = name.slice('tag:'.length);
    return (data) => (data.Tags ?? []).filter((tag) => tag.Key === key).map((tag) => tag.Value);
  }
  if (name === 'tag-key') return (data) => (data.Tags ?? []).map((tag) => tag.Key);
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (!field) throw new AwsError('InvalidParameterValue', `The filter '${name}' is invalid`);
  return field;
}

/** Whether a value is one that a filter asks for. */
function fitting(filter: Filter): (value: string) => boolean {
  const literals = literalsOf(filter);
  if (literals) {
    const wanted = new Set(literals);
    return (value) => wanted.has(value);
  }
  const patterns = (filter.Values ?? []).map(asPattern);
  return (value) => patterns.some((pattern) => pattern.test(value));
}

/** `\*` and `\?` are the characters themselves. */
function asPattern(value: string): RegExp {
  const source = value.replace(/\\[*?\\]|[*?]|[\\^$.+()[\]{}|]/g, (found) => {
    if (found === '*') return '[^]*';
    if (found === '?') return '[^]';
    return found.length === 2 ? `\\${found[1]}` : `\\${found}`;
  });
  return new RegExp(`^${source}$`, 'u');
}
