import { describe, expect, test } from '@jest/globals';
import { outcomeOf } from '../../shared/commandOutcome.ts';

describe('the outcome of a command', () => {
  test.each(['Pending', 'InProgress', 'Delayed'] as const)('there is none while it is %s', (Status) => {
    expect(outcomeOf({ Status }, 'seed')).toBeUndefined();
  });

  test('its result is the last line that the document printed', () => {
    const StandardOutputContent = 'reading\n{"entries":3}\n';
    expect(outcomeOf({ Status: 'Success', StandardOutputContent }, 'seed')).toEqual({ entries: 3 });
  });

  test('a success without a result is a failure', () => {
    expect(() => outcomeOf({ Status: 'Success', StandardOutputContent: 'done' }, 'seed')).toThrow(
      'its last line of output is not a result in JSON',
    );
  });

  test('a result that Systems Manager has cut says so', () => {
    const StandardOutputContent = `${JSON.stringify({ list: 'x'.repeat(30_000) }).slice(0, 24_000)}`;
    expect(() => outcomeOf({ Status: 'Success', StandardOutputContent }, 'list')).toThrow(
      'list: its last line of output is not a result in JSON; it has more than the 24000 characters that Systems Manager returns',
    );
  });

  test('a failure says how it ended and its last words, but no URL', () => {
    const failed = {
      Status: 'Failed' as const,
      ResponseCode: 22,
      StandardErrorContent: 'one\ncurl: cannot reach https://bucket/key?X-Amz-Signature=secret now\n',
    };
    expect(() => outcomeOf(failed, 'seed')).toThrow(
      'seed: Failed (exit code 22): one; curl: cannot reach (a URL) now',
    );
  });

  test('a timeout is told apart by its details', () => {
    expect(() => outcomeOf({ Status: 'TimedOut', StatusDetails: 'Delivery Timed Out' }, 'seed')).toThrow(
      'seed: Delivery Timed Out',
    );
  });
});
