import { describe, expect, test } from '@jest/globals';
import { COMMANDS } from '../../cli/commands.ts';
import { parseOptions } from '../../cli/options.ts';
import { restoreInput } from '../../cli/restoreInput.ts';

const input = (...words: string[]) => restoreInput(parseOptions('restore', COMMANDS.restore, words));
const INSTANCE = 'i-0123456789abcdef0';

describe('what a restore is asked for', () => {
  test('an image by its id, isolated as the machine has it', () => {
    expect(input('ami-0123456789abcdef0')).toEqual({ imageId: 'ami-0123456789abcdef0' });
  });

  test('the latest point, and the last one at a time, of an instance', () => {
    expect(input('latest-validated', '--resource', INSTANCE)).toEqual({
      resource: INSTANCE,
      at: 'latest-validated',
    });
    expect(input('--resource', INSTANCE, '--at', '2026-03-01T04:00:00+01:00')).toEqual({
      resource: INSTANCE,
      at: '2026-03-01T03:00:00.000Z',
    });
  });

  test('in place, with what is to differ', () => {
    expect(
      input(
        'ami-01234567',
        '--in-place',
        '--instance-type',
        'm7g.large',
        '--security-group',
        'sg-1',
        '--security-group',
        'sg-2',
      ),
    ).toEqual({
      imageId: 'ami-01234567',
      isolated: false,
      overrides: { instanceType: 'm7g.large', securityGroupIds: ['sg-1', 'sg-2'] },
    });
  });

  test.each([
    [[], 'say which point: an ami- id, or latest, latest-validated or --at TIME with --resource i-…'],
    [['yesterday'], '"yesterday": a point is an ami- id, or latest or latest-validated with --resource'],
    [['latest'], 'latest: of which instance? Give --resource i-…'],
    [['--at', '2026-03-01'], '--at: of which instance? Give --resource i-…'],
    [
      ['latest', '--resource', 'web-1'],
      '--resource "web-1": give an instance id, such as i-0123456789abcdef0',
    ],
    [['latest', '--resource', INSTANCE, '--at', '2026-03-01'], 'give latest or --at, not both'],
    [['--resource', INSTANCE, '--at', 'noon'], '--at "noon": give an ISO 8601 time'],
    [['--resource', INSTANCE, '--at', '2026-13-01'], '--at "2026-13-01": give an ISO 8601 time'],
    [['ami-01234567', '--resource', INSTANCE], 'ami-01234567: is one point already'],
    [['ami-01234567', '--subnet', 'subnet-1'], '--subnet: needs --in-place; the sandbox has its own'],
  ])('%j is refused in one line', (words, line) => {
    expect(() => input(...words)).toThrow(line);
  });
});
