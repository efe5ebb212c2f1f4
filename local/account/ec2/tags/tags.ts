import type { Tag, TagSpecification } from '@aws-sdk/client-ec2';
import { AwsError } from '../../service.ts';

const MOST_TAGS = 50;
const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;

/**
 * Checks tags that a request brings.
 * @throws AwsError InvalidParameterValue for AWS's own prefix, a key given twice, a key or value that is too long;
 *   TagLimitExceeded.
 */
export function checkTags(tags: readonly Tag[]): void {
  const keys = tags.map((tag) => tag.Key ?? '');
  if (keys.some((key) => key.startsWith('aws:')))
    throw new AwsError(
      'InvalidParameterValue',
      'Tag keys starting with ‘aws:’ are reserved for internal use',
    );
  const twice = keys.find((key, at) => keys.indexOf(key) !== at);
  if (twice !== undefined)
    throw new AwsError('InvalidParameterValue', `Duplicate tag key '${twice}' specified.`);
  for (const { Key = '', Value = '' } of tags) {
    checkLength('key', Key, LONGEST_KEY);
    checkLength('value', Value, LONGEST_VALUE);
  }
  checkCount(tags);
}

function checkLength(what: 'key' | 'value', text: string, most: number): void {
  if ([...text].length > most)
    throw new AwsError(
      'InvalidParameterValue',
      `Tag ${what} exceeds the maximum length of ${most} characters`,
    );
}

/** Checks TagSpecifications of a creation: only types that it makes, and tags that may be. */
export function checkSpecifications(
  specifications: readonly TagSpecification[] | undefined,
  types: readonly string[],
): void {
  for (const { ResourceType, Tags } of specifications ?? []) {
    if (!types.includes(ResourceType ?? ''))
      throw new AwsError(
        'InvalidParameterValue',
        `'${ResourceType}' is not a valid taggable resource type for this operation.`,
      );
    checkTags(Tags ?? []);
  }
}

/** The tags that a resource has when some are added; a value given anew replaces the old one. */
export function merged(old: readonly Tag[] | undefined, added: readonly Tag[]): Tag[] {
  const keep = (old ?? []).filter((tag) => !added.some((other) => other.Key === tag.Key));
  const tags = [...keep, ...added.map(({ Key, Value }) => ({ Key, Value: Value ?? '' }))];
  checkCount(tags);
  return tags;
}

function checkCount(tags: readonly Tag[]): void {
  if (tags.filter((tag) => !tag.Key?.startsWith('aws:')).length > MOST_TAGS)
    throw new AwsError('TagLimitExceeded', `More than ${MOST_TAGS} tags specified`);
}
