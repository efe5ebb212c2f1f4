import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { checkPolicies, written } from '../../../resources/policies/check.ts';

const NOW = new Date('2026-01-01T00:00:00Z');

/** What is found in a file, as a person reads it. */
function found(text: string, region?: string) {
  const { faults, warnings } = checkPolicies(text, NOW, region);
  return {
    faults: faults.map((fault) => written('policies.yml', fault)),
    warnings: warnings.map((warning) => written('policies.yml', warning)),
  };
}

/** A file with one policy whose further lines start at line 5. */
const nightly = (...lines: string[]) =>
  [
    'policies:',
    '  nightly:',
    '    capture: ami',
    '    keep: { days: 14 }',
    ...lines.map((line) => `    ${line}`),
  ].join('\n');
const cron = (text: string, zone = 'UTC') => `schedule: { cron: "${text}", timezone: ${zone} }`;

test('a file that is right is handed on with its policies as they are written', () => {
  const { faults, warnings, file, policies } = checkPolicies(nightly(cron('15 1 * * ? *')), NOW);
  expect({ faults, warnings }).toEqual({ faults: [], warnings: [] });
  expect(file?.policies.nightly).toMatchObject({ consistency: 'reboot' });
  expect(policies).toEqual([
    {
      name: 'nightly',
      tagKey: 'backup-policy',
      raw: {
        capture: 'ami',
        keep: { days: 14 },
        schedule: { cron: '15 1 * * ? *', timezone: 'UTC' },
      },
    },
  ]);
});

describe('what is wrong is said with file, line and remedy', () => {
  test.each([
    [
      'a wrong key',
      nightly('shedule: 1'),
      'policies.yml:5: policies.nightly.shedule: there is no such key; did you mean schedule?',
    ],
    [
      'a wrong key far below',
      nightly('volumes:', '  data: true', '  rot: true'),
      'policies.yml:7: policies.nightly.volumes.rot: there is no such key; did you mean root?',
    ],
    [
      'what is not built',
      nightly('copies: []'),
      'policies.yml:5: policies.nightly.copies: copies to other Regions or accounts are not built yet; leave this out',
    ],
    [
      'a bad cron',
      nightly(cron('15 1 * * *')),
      'policies.yml:5: policies.nightly.schedule.cron: has five fields as on Unix; it takes six: minutes, hours, day of month, month, day of week and year. Write 15 1 * * ? *',
    ],
    [
      'days that never come',
      nightly(cron('15 1 31 2 ? *')),
      'policies.yml:5: policies.nightly.schedule.cron: 15 1 31 2 ? * never comes; choose days that there are, and years to come',
    ],
    [
      'an unknown time zone',
      nightly(cron('15 1 * * ? *', 'Europe/Viena')),
      'policies.yml:5: policies.nightly.schedule.timezone: Europe/Viena is no time zone; did you mean Europe/Vienna?',
    ],
    [
      'an RPO below the gap',
      nightly(cron('15 1 * * ? *'), 'objectives: { rpo: 24h }'),
      'policies.yml:6: policies.nightly.objectives.rpo: 24h cannot be met: the longest gap between two runs is 24 h after 2026-01-01 01:15 UTC, a run takes some 45 min, 24 h 45 min in all; run more often, or allow 25h',
    ],
    [
      'an RPO without a schedule',
      nightly('objectives: { rpo: 24h }'),
      'policies.yml:5: policies.nightly.objectives.rpo: cannot be met without a schedule; add one, or leave this out',
    ],
    [
      'an RPO on a schedule that ends',
      nightly(cron('15 1 * * ? 2026-2027'), 'objectives: { rpo: 26h }'),
      'policies.yml:6: policies.nightly.objectives.rpo: cannot be met by a schedule that ends; put * as its year, or leave this out',
    ],
    [
      'a retention that keeps nothing',
      'policies:\n  a:\n    capture: ami\n    keep: {}',
      'policies.yml:4: policies.a.keep: keeps nothing: write { days: 14 }',
    ],
    [
      'no retention',
      'policies:\n  a:\n    capture: ami',
      'policies.yml:2: policies.a.keep: is not a retention',
    ],
    [
      'a selection of nothing',
      nightly('select: { ids: [] }'),
      'policies.yml:5: policies.nightly.select.ids: is empty, so nothing would be selected; name instances, or leave it out',
    ],
    [
      'a selection by no tag',
      nightly('select:', '  tags: {}'),
      'policies.yml:6: policies.nightly.select.tags: selects nothing by no tags; name one, or leave it out',
    ],
    [
      'a selection of which all is taken away',
      nightly('select:', '  all: true', '  exclude: { all: true }'),
      'policies.yml:7: policies.nightly.select.exclude: leaves nothing to select, whatever instances there are; name those that are to be backed up',
    ],
    [
      'a tag that ends the selection',
      nightly('markDone:', '  instance: { backup-policy: "{iso-date}" }'),
      'policies.yml:6: policies.nightly.markDone.instance.backup-policy: is the tag that names policies (tagKey), so that after the first run no policy would select the instance; choose another key',
    ],
    [
      'a selection in no Region',
      nightly('select: { regions: [] }'),
      'policies.yml:5: policies.nightly.select.regions: is empty, so nothing would be selected',
    ],
    [
      'a Region that cannot be',
      nightly('select:', '  regions:', '    - eu-west-1', '    - Ireland'),
      'policies.yml:8: policies.nightly.select.regions.1: is no name of a Region, such as eu-west-1',
    ],
    [
      'too many ids for a parameter',
      nightly(
        `select: { ids: [${Array.from({ length: 200 }, (_, index) => `i-${index.toString(16).padStart(17, '0')}`).join(', ')}] }`,
      ),
      'policies.yml:2: policies.nightly: takes 4497 bytes as JSON, and its parameter holds 4096; make it shorter, such as by tags instead of ids, or divide it',
    ],
    [
      'a name that AWS does not take',
      'policies:\n  Nightly: { capture: ami, keep: { days: 1 } }',
      'policies.yml:2: policies.Nightly: is no name of a policy; write small letters',
    ],
    [
      'two names that become one',
      'policies:\n  a-1: &a { capture: ami, keep: { days: 1 } }\n  a1: *a',
      'policies.yml:3: policies.a1: has too much the name of a-1; choose another',
    ],
    ['no policies', 'tagKey: backup', 'policies.yml:1: policies: must have policies by their names'],
    ['an empty file', '', 'policies.yml:1: policies: must have policies by their names'],
    ['a list', '- nightly', 'policies.yml:1: must have keys of its own; it takes tagKey, policies'],
    [
      'a tag key of our own',
      `tagKey: backup-drill:run\n${nightly()}`,
      'policies.yml:1: tagKey: is kept for AWS',
    ],
    ['what is no YAML', 'policies:\n  nightly: {', 'policies.yml:2: is no YAML: '],
    [
      'a key that comes twice',
      nightly('notify: never', 'notify: always'),
      'policies.yml:6: is no YAML: Map keys must be unique',
    ],
  ])('%s', (_, text, wanted) => {
    const { faults } = found(text);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(wanted);
  });

  test('all of it at once, in the order of the lines', () => {
    const { faults } = found(`${nightly('notfy: 1', 'keeep: 2')}\n  other:\n    capture: tape\n`);
    expect(faults.map((fault) => fault.split(': ').slice(0, 2).join(' '))).toEqual([
      'policies.yml:5 policies.nightly.notfy',
      'policies.yml:6 policies.nightly.keeep',
      'policies.yml:8 policies.other.capture',
    ]);
  });

  test('at the place that an alias stands for', () => {
    const text = `${nightly('select: &everything', '  ids: []')}\n  other: { capture: ami, keep: { days: 1 }, select: *everything }`;
    expect(found(text).faults.map((fault) => fault.split(': ')[0])).toEqual([
      'policies.yml:6',
      'policies.yml:6',
    ]);
  });
});

describe('what is done on the instance itself is done in the Region of the stage', () => {
  const at = (...lines: string[]) => nightly('select: { regions: [eu-west-1, eu-central-1] }', ...lines);
  const where = 'policies.yml:5: policies.nightly.select.regions: ';

  test.each([
    ['a reboot that nobody wrote down', at(), 'consistency reboot works'],
    ['stop', at('consistency: stop'), 'consistency stop works'],
    [
      'freeze, in every Region',
      nightly('select: { regions: "*" }', 'consistency: freeze'),
      'consistency freeze works',
    ],
    [
      'documents and validate',
      at('consistency: none', 'documents: { before: flush-db }', 'validate: { paths: [/srv] }'),
      'documents, validate work',
    ],
  ])('%s', (_, text, words) => {
    const { faults } = found(text);
    expect(faults).toEqual([
      expect.stringContaining(`${where}${words} only in the Region of the stage; deploy`),
    ]);
    expect(faults[0]).toMatch(/leave regions out, or back up (with consistency: none|without documents)/);
  });

  test('one Region is judged where that of the stage is known', () => {
    const text = nightly('select: { regions: [eu-central-1] }');
    expect(found(text).faults).toEqual([]);
    expect(found(text, 'eu-central-1').faults).toEqual([]);
    expect(found(text, 'eu-west-1').faults).toEqual([
      expect.stringContaining(
        `${where}consistency reboot works only in the Region of the stage, eu-west-1; deploy`,
      ),
    ]);
  });

  test('a crash-consistent copy is taken anywhere', () => {
    expect(found(at('consistency: none'), 'eu-west-1').faults).toEqual([]);
    expect(found(nightly('select: { regions: "*" }', 'consistency: none')).faults).toEqual([]);
  });
});

test.each(['README.md', 'docs/policies.md', 'docs/retention.md', 'policies.yml', 'policies.efs.yml'])(
  'every example of %s can be deployed as it stands',
  (name) => {
    const text = readFileSync(name, 'utf8');
    const blocks = name.endsWith('.md')
      ? [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, block = '']) => block)
      : [text];
    for (const one of blocks.filter((block) => /^policies:/m.test(block)))
      expect(found(one, 'eu-west-1')).toEqual({ faults: [], warnings: [] });
  },
);

describe('what only wants to be read', () => {
  test('a local time that the clocks skip is told, with its first day and its zone', () => {
    expect(found(nightly(cron('30 2 * * ? *', 'Europe/Vienna')))).toEqual({
      faults: [],
      warnings: [
        'policies.yml:5: policies.nightly.schedule.cron: 2026-03-29 02:30 is skipped in Europe/Vienna, where the clocks go forward, and so is its run; choose a time that every day has, or the time zone UTC',
      ],
    });
  });

  test('of retention alone too', () => {
    const { warnings } = found(nightly(`expire: { ${cron('30 2 * * ? *', 'Europe/Vienna')} }`));
    expect(warnings).toEqual([
      expect.stringContaining('policies.nightly.expire.schedule.cron: 2026-03-29 02:30'),
    ]);
  });

  test.each([
    ['of its rules', 'tags: { Done: "no" }'],
    ['of what it leaves out', 'exclude: { anyOf: [{ tags: { Done: "*" } }] }'],
  ])('a mark that the selection looks at: a tag %s', (_, rule) => {
    expect(
      found(nightly('markDone: { instance: { Done: "yes", Other: x } }', `select: { ${rule} }`)),
    ).toEqual({
      faults: [],
      warnings: [
        'policies.yml:5: policies.nightly.markDone.instance.Done: changes a tag that select looks at, so that the next run may select others; choose another key, unless that is meant',
      ],
    });
  });

  test('a mark that leaves the volume out the next time', () => {
    const text = nightly(
      'markDone: { volume: { Done: "yes" } }',
      'volumes: { exclude: { tags: { Done: "*" } } }',
    );
    expect(found(text).warnings).toEqual([
      expect.stringContaining(
        'policies.nightly.markDone.volume.Done: changes a tag that volumes.exclude looks at',
      ),
    ]);
  });

  test('no policy at all', () => {
    expect(found('policies: {}')).toEqual({
      faults: [],
      warnings: [
        expect.stringContaining('policies.yml:1: policies: names no policy, so nothing is backed up; add'),
      ],
    });
  });

  describe('a limit that stops a retention which only does what it should', () => {
    const of = (keep: string, ...lines: string[]) =>
      found(
        [
          'policies:',
          '  a:',
          '    capture: ami',
          `    keep: ${keep}`,
          ...lines.map((one) => `    ${one}`),
        ].join('\n'),
      ).warnings;

    test.each(['{ count: 1 }', '{ daily: 1 }', '{ days: 1 }'])('%s, after one that was missed', (keep) => {
      expect(of(keep)).toEqual([
        'policies.yml:4: policies.a.keep: keeps 1 point, so after one that was missed each retention has 66 percent or more to delete, and deletes nothing since maxDeletions allows 50; write maxDeletions: { percent: 89 }, or keep more',
      ]);
      expect(of(keep, 'maxDeletions: { percent: 89 }')).toEqual([]);
      expect(of(keep, 'maxDeletions: { count: 5 }')).toEqual([]);
    });

    test('any, where it is below the share of one', () => {
      expect(of('{ count: 5 }', 'maxDeletions: { percent: 10 }')).toEqual([
        expect.stringContaining('keeps 5 points, so each retention has 16 percent or more to delete'),
      ]);
    });

    test('not what keeps enough, nor a day of hourly points', () => {
      for (const keep of ['{ count: 2 }', '{ daily: 7, weekly: 4 }', '{ days: 2 }'])
        expect(of(keep)).toEqual([]);
      expect(of('{ days: 1 }', 'schedule: { rate: 1 hour }')).toEqual([]);
    });
  });

  test('a schedule that ends', () => {
    expect(found(nightly(cron('0 1 * * ? 2026'))).warnings).toEqual([
      'policies.yml:5: policies.nightly.schedule.cron: the last run is at 2026-12-31 01:00 UTC; put * as the year to go on',
    ]);
  });
});

test.each([
  ['24 h, and 45 min for the run', 'UTC', 0, '1485m', '1484m'],
  ['25 h where the clocks go back', 'Europe/Vienna', 0, '1545m', '1544m'],
  ['the flexible window besides', 'UTC', 15, '25h', '1499m'],
])('the least RPO that is taken is %s', (_, timezone, flexibleMinutes, taken, refused) => {
  const of = (rpo: string) =>
    found(
      nightly(
        `schedule: { cron: "15 1 * * ? *", timezone: ${timezone}, flexibleMinutes: ${flexibleMinutes} }`,
        `objectives: { rpo: ${rpo} }`,
      ),
    );
  expect(of(taken).faults).toEqual([]);
  expect(of(refused).faults).toHaveLength(1);
});
