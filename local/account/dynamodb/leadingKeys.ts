import type { AttributeValue, WriteRequest } from '@aws-sdk/client-dynamodb';

/** What of a request names a table and the items in it. */
export interface KeyedInput {
  TableName?: string | undefined;
  IndexName?: string | undefined;
  Key?: Record<string, AttributeValue> | undefined;
  Item?: Record<string, AttributeValue> | undefined;
  /** Of a BatchWriteItem. */
  writes?: readonly WriteRequest[] | undefined;
  KeyConditionExpression?: string | undefined;
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}

/**
 * Values of the hash key that a request touches, for the condition key `dynamodb:LeadingKeys`. A Scan has none, so
 * that `ForAllValues` holds for it, as on AWS.
 */
export function leadingKeys(input: KeyedInput, hashKey: string): string[] {
  if (input.writes) return [...new Set(input.writes.flatMap((write) => keyOf(write, hashKey)))];
  const value = (input.Key ?? input.Item)?.[hashKey] ?? conditionOn(input, hashKey);
  const text = value?.S ?? value?.N;
  return text === undefined ? [] : [text];
}

function keyOf({ PutRequest, DeleteRequest }: WriteRequest, hashKey: string): string[] {
  return leadingKeys({ Item: PutRequest?.Item, Key: DeleteRequest?.Key }, hashKey);
}

/** The value that a Query's key condition (`#id = :id AND …`) asks of the hash key: equality is all it may ask. */
function conditionOn(input: KeyedInput, hashKey: string): AttributeValue | undefined {
  const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = input;
  for (const [, name = '', value = ''] of (input.KeyConditionExpression ?? '').matchAll(
    /([#\w]+)\s*=\s*(:\w+)/g,
  ))
    if ((names[name] ?? name) === hashKey) return values[value];
  return undefined;
}
