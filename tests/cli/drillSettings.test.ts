import { describe, expect, test } from '@jest/globals';
import { COMMANDS } from '../../cli/commands.ts';
import { checkDrillOptions, disksFor, drillInput } from '../../cli/drillSettings.ts';
import { parseOptions } from '../../cli/options.ts';

const typed = (...words: string[]) => parseOptions('drill', COMMANDS.drill, words);

describe('settings of a drill', () => {
  test.each([
    ['--corrupt', 'flip'],
    ['--disks', 'directories'],
    ['--isolation', 'auto'],
  ])('%s is refused with a stage, since no stage has such a thing', (option, value) => {
    expect(() => checkDrillOptions(typed(option, value, '--stage', 'dev'), 0)).toThrow(
      `${option}: is for the local account; leave it or --stage out`,
    );
  });

  test.each([
    ['--corrupt', 'owner'],
    ['--disks', 'loop'],
    ['--consistency', 'freeze'],
  ])('%s %s needs root', (option, value) => {
    expect(() => checkDrillOptions(typed(option, value), 1000)).toThrow(`${option} ${value}: needs root`);
    expect(() => checkDrillOptions(typed(option, value), 0)).not.toThrow();
  });

  test('a freeze needs file systems of its own, here but not on a stage', () => {
    expect(disksFor(typed('--consistency', 'freeze'))).toBe('loop');
    expect(disksFor(typed())).toBeUndefined();
    expect(() => checkDrillOptions(typed('--consistency', 'freeze', '--stage', 'dev'), 1000)).not.toThrow();
    expect(() => checkDrillOptions(typed('--consistency', 'freeze', '--disks', 'directories'), 0)).toThrow(
      '--disks directories: cannot be frozen',
    );
  });

  test('what needs no root is taken from anybody', () => {
    expect(() => checkDrillOptions(typed('--corrupt', 'flip', '--disks', 'directories'), 1000)).not.toThrow();
  });

  test('a bad objective is found before anything starts', () => {
    expect(() => checkDrillOptions(typed('--rpo', 'soon'), 0)).toThrow('--rpo "soon": give a number');
  });

  test('the machine is told only what was asked for', () => {
    expect(drillInput(typed())).toEqual({});
    expect(
      drillInput(typed('--consistency', 'freeze', '--rto', '30m'), {
        bucket: 'staging',
        key: 'runs/1/data.tar',
      }),
    ).toEqual({
      consistency: 'freeze',
      objectives: { rto: '30m' },
      data: { bucket: 'staging', key: 'runs/1/data.tar' },
    });
  });
});
