import { describe, expect, test } from '@jest/globals';
import { fits } from '../../../../local/account/events/pattern.ts';

const event = { source: 'aws.states', detail: { status: 'ABORTED', name: 'run-1', tags: ['a', 'b'] } };

describe('a pattern of EventBridge', () => {
  test.each([
    [{ source: ['aws.states'] }],
    [{ source: ['other', 'aws.states'], detail: { status: ['FAILED', 'ABORTED'] } }],
    [{ detail: { name: [{ prefix: 'run-' }] } }],
    [{ detail: { tags: ['b'] } }],
    [{ detail: { name: [{ 'anything-but': { wildcard: '*nested*' } }] } }],
    [{ detail: { missing: [{ 'anything-but': { wildcard: '*nested*' } }] } }],
  ])('fits: %j', (pattern) => expect(fits(event, pattern)).toBe(true));

  test.each([
    [{ source: ['aws.ec2'] }],
    [{ detail: { status: ['FAILED'] } }],
    [{ detail: { name: [{ 'anything-but': { wildcard: '*n-1' } }] } }],
    [{ detail: { name: [{ prefix: 'other' }] } }],
    [{ detail: { missing: ['x'] } }],
    [{ other: { deep: ['x'] } }],
  ])('does not fit: %j', (pattern) => expect(fits(event, pattern)).toBe(false));

  test('with a filter that is not simulated is refused', () => {
    expect(() => fits(event, { source: [{ suffix: 'states' }] })).toThrow('suffix');
  });
});
