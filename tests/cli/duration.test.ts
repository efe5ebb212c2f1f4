import { describe, expect, test } from '@jest/globals';
import { checkDuration, formatClock, formatSeconds } from '../../cli/duration.ts';

describe('durations', () => {
  test.each([
    [0, '0 s'],
    [4.25, '4.3 s'],
    [9.96, '10 s'],
    [59.4, '59 s'],
    [59.6, '1 m 00 s'],
    [252, '4 m 12 s'],
    [3599.7, '1 h 00 m'],
    [3720, '1 h 02 m'],
    [86_370, '1 d 00 h'],
    [273_600, '3 d 04 h'],
    [-5, '-5 s'],
  ])('%d seconds are written %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  test.each([
    [0, '0:00'],
    [67, '1:07'],
    [3723, '1:02:03'],
  ])('%d seconds since the start are %s on the clock', (seconds, text) => {
    expect(formatClock(seconds)).toBe(text);
  });

  test('a duration is taken as the machines take it', () => {
    expect(checkDuration('--rto', '30m')).toBe('30m');
  });

  test.each(['30', 'm', '0m', '1.5h', '30 m', 'PT30M', ''])(
    '%j is no duration, and the line says what is',
    (text) => {
      expect(() => checkDuration('--rto', text)).toThrow(
        `--rto ${JSON.stringify(text)}: give a number and s, m, h or d, such as 30m`,
      );
    },
  );
});
