import { describe, expect, test } from '@jest/globals';
import { leadingKeys } from '../../../../local/account/dynamodb/leadingKeys.ts';

describe('the leading keys of a request', () => {
  const id = { S: 'lock#i-1' };

  test('are the hash key of the key or of the item', () => {
    expect(leadingKeys({ Key: { entry: { S: 'lock' }, id } }, 'id')).toEqual(['lock#i-1']);
    expect(leadingKeys({ Item: { id, more: { N: '1' } } }, 'id')).toEqual(['lock#i-1']);
  });

  test('of a query are what its key condition asks of the hash key', () => {
    const query = {
      KeyConditionExpression: 'begins_with(#entry, :made) AND #id = :id',
      ExpressionAttributeNames: { '#id': 'id', '#entry': 'entry' },
      ExpressionAttributeValues: { ':id': id, ':made': { S: 'made#' } },
    };
    expect(leadingKeys(query, 'id')).toEqual(['lock#i-1']);
    expect(leadingKeys({ ...query, KeyConditionExpression: 'id = :id' }, 'id')).toEqual(['lock#i-1']);
  });

  test('of a scan there are none', () => {
    expect(leadingKeys({ TableName: 'runs' }, 'id')).toEqual([]);
  });
});
