import { describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { faultLines } from '../../../shared/parsed.ts';
import { policiesFile, policy, policyBody } from '../../../shared/policy/policy.ts';

const small = { capture: 'ami', keep: { days: 14 } };
const snapshots = { ...small, capture: 'snapshots', consistency: 'freeze' };

/** What is wrong with one policy, `where: what` a line. */
function faults(value: unknown): string[] {
  return faultLines(v.safeParse(policyBody, value).issues ?? [], '');
}

describe('a policy', () => {
  test('needs no more than what it captures and how long it keeps it', () => {
    expect(v.parse(policyBody, small)).toMatchObject({
      select: {},
      consistency: 'reboot',
      volumes: { root: true, data: true },
      maxDeletions: { percent: 50 },
      copyTags: {},
      markDone: { instance: {}, volume: {} },
      notify: 'failures',
    });
  });

  test('says everything at once', () => {
    const value = {
      ...small,
      select: {
        anyOf: [{ tags: { Env: ['prod', 'stag*'] } }, { not: { allOf: [{ ids: ['i-0123456789abcdef0'] }] } }],
        include: { all: true },
        exclude: { tags: { backup: 'never' } },
        regions: ['eu-west-1', 'us-gov-west-1'],
      },
      consistency: 'freeze',
      fallback: 'none',
      freezeSeconds: 60,
      documents: { before: 'flush-db', after: 'arn:aws:ssm:eu-west-1:123456789012:document/resume' },
      volumes: { data: true, exclude: { tags: { scratch: '*' } } },
      validate: { paths: ['/srv'] },
      schedule: { cron: '15 1 * * ? *', timezone: 'Europe/Vienna', flexibleMinutes: 15 },
      keep: { daily: 7, weekly: 4 },
      maxDeletions: { count: 20 },
      expire: { schedule: { rate: '12 hours' } },
      copyTags: { instance: ['Name', 'cost-*'], volume: true },
      imageName: '{policy} {instance-id} {iso-date}',
      description: 'by {policy}',
      tags: { Taken: '{iso-datetime}' },
      markDone: { instance: { LastBackup: '{datetime}' }, volume: { LastBackup: '{snapshot-id}' } },
      adopt: { tags: { CreatedBy: 'old-tool' } },
      objectives: { rpo: '26h', rto: '30m' },
      notify: 'always',
    };
    expect(faults(value)).toEqual([]);
  });

  test('is the same when it is parsed again, so that it can go from task to task', () => {
    const once = v.parse(policy, { ...snapshots, name: 'nightly', objectives: { rpo: '26h' } });
    expect(v.parse(policy, JSON.parse(JSON.stringify(once)))).toEqual(once);
    expect(once.tagKey).toBe('backup-policy');
  });
});

describe('a policy is refused', () => {
  test.each([
    ['a key that is nearly right', { ...small, keeep: 1 }, 'keeep: there is no such key; did you mean keep?'],
    [
      'a key inside',
      { ...small, select: { tag: {} } },
      'select.tag: there is no such key; did you mean tags?',
    ],
    ['other accounts', { ...small, accounts: [] }, 'accounts: other accounts are not built yet'],
    ['copies', { ...small, copies: [] }, 'copies: copies to other Regions or accounts are not built yet'],
    ['drills', { ...small, drill: {} }, 'drill: scheduled drills are not built yet'],
    ['keys that are no policy', null, ': must have keys of its own, such as { capture: ami'],
    ['a policy that is a text', 'nightly', ': must have keys of its own, such as { capture: ami'],
    ['an unknown capture', { ...small, capture: 'tape' }, 'capture: must be ami, snapshots or efs'],
    [
      'no daily point',
      { ...small, keep: { daily: 0 } },
      "keep: 'daily' must be a whole number of at least 1: write",
    ],
    [
      'a retention with a wrong key',
      { ...small, keep: { dayly: 1 } },
      "keep: has the unknown key 'dayly': write",
    ],
    [
      'no value of a tag',
      { ...small, select: { tags: { Env: [] } } },
      'select.tags.Env: is empty, so no value would match; name one',
    ],
    [
      'a thaw too soon',
      { ...small, consistency: 'freeze', freezeSeconds: 29 },
      'freezeSeconds: must be a whole number of seconds, 30 to 600',
    ],
    [
      'a thaw too late',
      { ...small, consistency: 'freeze', freezeSeconds: 601 },
      'freezeSeconds: must be a whole number of seconds, 30 to 600',
    ],
    [
      'a thaw that is no number',
      { ...small, consistency: 'freeze', freezeSeconds: '60' },
      'freezeSeconds: must be a whole number of seconds',
    ],
    [
      'a limit above all',
      { ...small, maxDeletions: { percent: 101 } },
      'maxDeletions: must be { percent: 1 to 100 } or { count: 1 or more }',
    ],
    [
      'a limit of nothing',
      { ...small, maxDeletions: { percent: 0 } },
      'maxDeletions: must be { percent: 1 to 100 } or',
    ],
    [
      'a wide window',
      { ...small, schedule: { rate: '1 day', flexibleMinutes: 1441 } },
      'schedule.flexibleMinutes: must be a whole number of minutes, 0 to 1440',
    ],
    [
      'an unknown consistency',
      { ...small, consistency: 'frozen' },
      'consistency: must be reboot or stop or freeze or none',
    ],
    ['an unknown wish to hear', { ...small, notify: true }, 'notify: must be failures or always or never'],
    ['no path', { ...small, validate: { paths: [] } }, 'validate.paths: is empty; name one, or leave it out'],
    ['validate without paths', { ...small, validate: {} }, 'validate.paths: is not there; add it'],
    [
      'a document that is a number',
      { ...small, documents: { before: 5 } },
      'documents.before: must be text; put a number',
    ],
    [
      'data that is neither',
      { ...small, volumes: { data: 'maybe' } },
      'volumes.data: must be true or false, without quotes',
    ],
    [
      'a tag that grows too long',
      { ...small, tags: { At: '{iso-datetime}'.repeat(14) } },
      'tags.At: can become 266 characters, and a tag holds 256; write fewer',
    ],
    [
      'a mark that grows too long',
      { ...small, markDone: { volume: { Of: '{volume-id} '.repeat(12) } } },
      'markDone.volume.Of: can become 264 characters',
    ],
    ['no capture', { keep: { days: 1 } }, 'capture: must be ami, snapshots or efs'],
    [
      'a reboot for snapshots',
      { ...snapshots, consistency: 'reboot' },
      'consistency: only an image is taken',
    ],
    [
      'snapshots of unsaid consistency',
      { ...snapshots, consistency: undefined },
      'consistency: must be said',
    ],
    ['no retention', { capture: 'ami' }, 'keep: is not a retention'],
    ['a retention that keeps nothing', { ...small, keep: {} }, 'keep: keeps nothing'],
    ['a selection of no instance', { ...small, select: { ids: [] } }, 'select.ids: is empty'],
    ['a selection by no tag', { ...small, select: { tags: {} } }, 'select.tags: selects nothing'],
    ['a selection in no Region', { ...small, select: { regions: [] } }, 'select.regions: is empty'],
    [
      'what is no Region',
      { ...small, select: { regions: ['Europe'] } },
      'select.regions.0: is no name of a Region',
    ],
    ['two selections', { ...small, select: { all: true, tags: { a: 'b' } } }, 'select: has more than one'],
    ['an empty expression', { ...small, select: { exclude: {} } }, 'select.exclude: must have one of'],
    ['a tag that YAML made a number', { ...small, select: { tags: { Tier: 1 } } }, 'in quotes'],
    [
      'an image without its root',
      { ...small, volumes: { root: false } },
      'volumes.root: an image always has',
    ],
    ['a list for keys', { ...small, select: [] }, 'select: must have keys of its own; it takes tags, ids'],
    ['a list for tags', { ...small, tags: ['Team'] }, 'tags: must be tags, such as { Team: web }'],
    ['no volume', { ...snapshots, volumes: { root: false, data: false } }, 'volumes: leaves no volume'],
    ['a timer without freeze', { ...small, freezeSeconds: 60 }, 'freezeSeconds: means nothing with'],
    ['a cron of five fields', { ...small, schedule: { cron: '15 1 * * *' } }, 'Write 15 1 * * ? *'],
    [
      'an unknown zone',
      { ...small, schedule: { cron: '0 1 * * ? *', timezone: 'Europe/Wien' } },
      'no time zone',
    ],
    ['no time', { ...small, schedule: {} }, 'schedule: must have either cron or rate'],
    ['a zone for a rate', { ...small, schedule: { rate: '1 day', timezone: 'Europe/Vienna' } }, 'timezone'],
    ['the interlock', { ...small, markDone: { instance: { 'Backup-Drill:terminate': 'x' } } }, 'is kept for'],
    ['an unknown placeholder', { ...small, imageName: '{weekdy}' }, 'did you mean {weekday}?'],
    ['a volume in an image', { ...small, tags: { V: '{volume-id}' } }, '{volume-id} stands for nothing here'],
    [
      'an RPO that is no time',
      { ...small, objectives: { rpo: 'daily' } },
      'objectives.rpo: must be a duration',
    ],
  ])('%s', (_, value, fault) => {
    expect(faults(value).join('\n')).toContain(fault);
    expect(faults(value)).toHaveLength(1);
  });

  test('several wrong keys have a line each', () => {
    expect(faults({ ...small, copies: 1, select: {}, notfy: 1 })).toEqual([
      expect.stringMatching(/^copies: .* not built yet/),
      'notfy: there is no such key; did you mean notify?',
    ]);
  });

  test('a name that cannot stand in names of AWS', () => {
    expect(v.safeParse(policiesFile, { policies: { 'Every night': small } }).success).toBe(false);
    expect(v.safeParse(policiesFile, { policies: { 'every-night': small } }).success).toBe(true);
  });
});
