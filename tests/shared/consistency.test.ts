import { describe, expect, test } from '@jest/globals';
import { requireConsistency, seenConsistency } from '../../shared/consistency.ts';

describe('the consistency that was seen', () => {
  test.each([
    ['reboot', { bootIdBefore: 'a', bootIdAfter: 'b' }, 'rebooted'],
    ['reboot', { bootIdBefore: 'a', bootIdAfter: 'a' }, 'crash'],
    ['reboot', { bootIdBefore: 'a' }, 'crash'],
    ['stop', { stopped: true }, 'stopped'],
    ['stop', { stopped: false }, 'crash'],
    ['none', { stopped: true }, 'stopped'],
    ['none', { bootIdBefore: 'a', bootIdAfter: 'b' }, 'crash'],
    ['freeze', { frozen: ['/data'], timerFired: false }, 'frozen'],
    ['freeze', { frozen: ['/data'], timerFired: true }, 'crash'],
    ['freeze', { frozen: ['/data'] }, 'crash'],
    ['freeze', { frozen: [], timerFired: false }, 'crash'],
  ] as const)('asked for %s, seen %j: %s', (asked, seen, expected) => {
    expect(seenConsistency(asked, seen)).toBe(expected);
  });

  test('less than asked is an error unless the policy says otherwise', () => {
    expect(() => requireConsistency('freeze', 'crash', undefined)).toThrow('asked for freeze');
    expect(() => requireConsistency('freeze', 'crash', 'none')).not.toThrow();
    expect(() => requireConsistency('none', 'crash', undefined)).not.toThrow();
    expect(() => requireConsistency('freeze', 'frozen', undefined)).not.toThrow();
  });
});
