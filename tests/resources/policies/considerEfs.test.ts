import { describe, expect, test } from '@jest/globals';
import { checkPolicies, written } from '../../../resources/policies/check.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const [A, B, C] = ['fs-0a0a0a0a0a0a0a0a0', 'fs-0b0b0b0b0b0b0b0b0', 'fs-0c0c0c0c0c0c0c0c0'];

/** The faults of a file with these policies for EFS, each of nine lines; `policies:` is line 1. */
function faults(...policies: { name?: string; from?: string; to?: string; keep?: string; more?: string }[]) {
  const lines = policies.flatMap(({ name = 'home', from = A, to = `{ id: ${B} }`, keep, more }) => [
    `  ${name}:`,
    '    capture: efs',
    `    source: ${from}`,
    `    destination: ${to}`,
    '    vpc: vpc-00000001',
    '    subnets: [subnet-00000001]',
    '    maxDeletions: { percent: 100 }',
    `    keep: ${keep ?? '{ count: 14 }'}`,
    ...(more ? [`    ${more}`] : []),
  ]);
  const found = checkPolicies(['policies:', ...lines].join('\n'), NOW).faults;
  return found.map((fault) => written('policies.yml', fault));
}

const cron = (text: string, zone = 'UTC') => `schedule: { cron: "${text}", timezone: ${zone} }`;

describe('more generations than EFS has hard links for are refused', () => {
  test.each([
    ['a count', '{ count: 151 }', undefined, '151 generations at once, and'],
    ['a calendar', '{ daily: 100, weekly: 51 }', undefined, '151 generations at once, and'],
    ['days without a schedule, one a day', '{ days: 151 }', undefined, '151 generations at once, and'],
    [
      'days of a run an hour',
      '{ days: 150 }',
      cron('0 * * * ? *'),
      '1000 generations or more at once by its',
    ],
    [
      'days of a run every three hours',
      '{ days: 19 }',
      cron('0 0/3 * * ? *'),
      '152 generations at once by its',
    ],
    [
      'days of two runs on work days',
      '{ days: 106 }',
      cron('0 1,13 ? * MON-FRI *'),
      '152 generations at once',
    ],
    ['days by a rate', '{ days: 76 }', 'schedule: { rate: 12 hours }', '152 generations at once by its'],
    ['days of a run a minute', '{ days: 1 }', cron('* * * * ? *'), '1000 generations or more'],
  ])('%s', (_, keep, more, words) => {
    const [fault, ...rest] = faults({ keep, ...(more !== undefined && { more }) });
    expect(rest).toEqual([]);
    expect(fault).toContain(`policies.yml:9: policies.home.keep: would hold ${words}`);
    expect(fault).toContain("EFS allows 177 hard links a file, the source's own among them; keep");
  });

  test.each([
    ['a count', '{ count: 150 }', undefined],
    ['days without a schedule', '{ days: 150 }', undefined],
    ['days of a run a night', '{ days: 150 }', cron('15 1 * * ? *')],
    ['days of a run a week', '{ days: 1000 }', cron('15 1 ? * SUN *')],
    ['days of a run every three hours', '{ days: 18 }', cron('0 0/3 * * ? *')],
    ['hours and days of a run an hour', '{ hourly: 48, daily: 30 }', cron('0 * * * ? *')],
    ['days by a rate', '{ days: 75 }', 'schedule: { rate: 12 hours }'],
  ])('but not %s', (_, keep, more) => {
    expect(faults({ keep, ...(more !== undefined && { more }) })).toEqual([]);
  });
});

describe('a file system that is backed up to where it comes from is refused', () => {
  const remedy = 'name another file system, or { stack: true } for one that the stack makes';

  test('at once', () => {
    expect(faults({ to: `{ id: ${A} }` })).toEqual([
      `policies.yml:5: policies.home.destination.id: is the source itself, which a backup must not be lost with; ${remedy}`,
    ]);
  });

  test('by another policy', () => {
    expect(faults({ name: 'one' }, { name: 'two', from: B, to: `{ id: ${A} }` })).toEqual([
      `policies.yml:5: policies.one.destination.id: is copied back to ${A} by two, so that each backup would copy the other's generations; ${remedy}`,
      `policies.yml:13: policies.two.destination.id: is copied back to ${B} by one, so that each backup would copy the other's generations; ${remedy}`,
    ]);
  });

  test('by several', () => {
    const found = faults(
      { name: 'one' },
      { name: 'two', from: B, to: `{ id: ${C} }` },
      { name: 'three', from: C, to: `{ id: ${A} }` },
    );
    expect(found).toHaveLength(3);
    expect(found[0]).toContain('is copied back to fs-0a0a0a0a0a0a0a0a0 by two, three, so');
  });

  test('but not where all copies go one way, or to file systems that the stack makes', () => {
    const policies = [
      { name: 'one' },
      { name: 'two', from: B, to: `{ id: ${C} }` },
      { name: 'three', to: `{ id: ${C} }` },
      { name: 'four', from: C, to: '{ stack: true }' },
    ];
    expect(faults(...policies)).toEqual([]);
  });

  test('and another policy that does so hides nothing', () => {
    expect(faults({ name: 'one' }, { name: 'two', from: B, to: `{ id: ${B} }` })).toEqual([
      `policies.yml:13: policies.two.destination.id: is the source itself, which a backup must not be lost with; ${remedy}`,
    ]);
  });
});
