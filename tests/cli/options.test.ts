import { describe, expect, test } from '@jest/globals';
import { COMMANDS, helpOf, overview } from '../../cli/commands.ts';
import { parseOptions } from '../../cli/options.ts';

const drill = (...words: string[]) => parseOptions('drill', COMMANDS.drill, words);
const restore = (...words: string[]) => parseOptions('restore', COMMANDS.restore, words);

describe('options', () => {
  test('values, switches and repeated options are told apart', () => {
    const typed = drill('--data', 'a dir', '--rto=30m', '--json');
    expect([typed.one('data'), typed.one('rto'), typed.has('json'), typed.has('stage')]).toEqual([
      'a dir',
      '30m',
      true,
      false,
    ]);
    expect(restore('--security-group', 'sg-1', '--security-group', 'sg-2').all('security-group')).toEqual([
      'sg-1',
      'sg-2',
    ]);
  });

  test('a directory whose name begins with a dash can be given', () => {
    expect(drill('--data=-odd-').one('data')).toBe('-odd-');
  });

  test.each([
    [['--dta', 'x'], /^drill has no option --dta; it takes --data --consistency/],
    [['-d', 'x'], /^drill has no option -d; it takes --data/],
    [['--no-json'], /^drill has no option --no-json/],
    [['--corrupt', 'bits'], /^--corrupt "bits": choose one of flip, truncate, missing/],
    [['--data'], /^--data: needs a value, --data DIR$/],
    [['--data='], /^--data: needs a value, --data DIR$/],
    [['--json=yes'], /^--json: takes no value$/],
    [['--rto', '1m', '--rto', '2m'], /^--rto: give it once$/],
    [['node_modules'], /^drill "node_modules": drill takes options only; see backup-drill drill --help$/],
  ])('%j is refused in one line', (words, line) => {
    expect(() => drill(...words)).toThrow(line);
  });

  test('a second point is one too many', () => {
    expect(() => restore('ami-1', 'ami-2')).toThrow('restore "ami-2": one too many; it takes POINT');
  });

  test('the help names every command and every option', () => {
    for (const command of Object.keys(COMMANDS)) expect(overview()).toContain(`  ${command} `);
    for (const option of Object.keys(COMMANDS.drill.options))
      expect(helpOf('drill')).toContain(`--${option}`);
    expect(helpOf('drill')).toContain('--consistency reboot|stop|freeze|none');
    for (const line of `${overview()}\n${helpOf('restore')}`.split('\n'))
      expect(line.length).toBeLessThanOrEqual(130);
  });
});
