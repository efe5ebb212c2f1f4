import { describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { generation, planExpiry } from '../../../shared/efs/generations.ts';
import { generationAt, instantOf } from '../../../shared/efs/names.ts';

const now = new Date('2026-11-24T12:00:00Z');
const terms = { policy: 'home', keep: { count: 2 }, maxDeletions: { count: 10 }, timezone: 'UTC' };
const of = (generation: string, state: 'complete' | 'partial' | 'expired' = 'complete') => ({
  generation,
  state,
});
const ids = ['20261121T011500Z', '20261122T011500Z', '20261123T011500Z', '20261124T011500Z'];

function goes(generations: ReturnType<typeof of>[], more: object = {}): string[] {
  const decisions = planExpiry(generations, { ...terms, ...more }, 'backup-drill-dev', now);
  return decisions.filter(({ keep }) => !keep).map(({ point }) => point.id);
}

describe('generations expire by the rules of every retention', () => {
  test('the newest stay', () => {
    expect(goes(ids.map((id) => of(id)))).toEqual(ids.slice(0, 2));
  });

  test('one that is incomplete counts for nothing: no good one goes for it, and it is not deleted', () => {
    const [a = '', b = '', c = '', d = ''] = ids;
    expect(goes([of(a), of(b), of(c, 'partial'), of(d, 'partial')])).toEqual([]);
  });

  test('the last complete one stays, however old it is', () => {
    expect(goes([of('20200101T000000Z')], { keep: { days: 1 } })).toEqual([]);
  });

  test('the newest of each day stays', () => {
    const day = ['20261123T010000Z', '20261123T230000Z', '20261124T010000Z'];
    expect(
      goes(
        day.map((id) => of(id)),
        { keep: { daily: 7 } },
      ),
    ).toEqual(['20261123T010000Z']);
  });

  test('more than the policy lets go at once are refused', () => {
    expect(() =>
      goes(
        ids.map((id) => of(id)),
        { keep: { count: 1 }, maxDeletions: { count: 2 } },
      ),
    ).toThrow(
      'policy home: 3 of 4 good recovery points would be deleted, and maxDeletions allows 2; nothing was deleted. ' +
        'They are 20261121T011500Z, 20261122T011500Z, 20261123T011500Z; if that is meant, deploy the policy with ' +
        'maxDeletions: { count: 3 }, and take it back afterwards.',
    );
  });

  test('of many that are refused ten are named', () => {
    const many = Array.from({ length: 20 }, (_, index) => of(`202611${index + 10}T011500Z`));
    expect(() => goes(many, { keep: { count: 1 } })).toThrow(/20261119T011500Z and 9 more; if that is meant/);
  });
});

test('a list of what Systems Manager returns at once is planned, with as little of each as efs-list says', () => {
  const start = Date.UTC(2026, 10, 1);
  const ids = Array.from({ length: 240 }, (_, hour) => generationAt(new Date(start + hour * 3_600_000)));
  const complete = ids.map((id) => ({
    generation: id,
    state: 'complete',
    files: 1_000_000,
    bytes: 10 ** 12,
  }));
  const listed = [
    ...complete,
    { generation: '20261120T000000Z', state: 'partial', files: null, bytes: null },
  ];
  expect(JSON.stringify({ generations: listed }).length).toBeLessThan(24_000);
  const generations = v.parse(v.array(generation), listed);
  const run = { ...terms, keep: { count: 100 }, maxDeletions: { percent: 100 } };
  const going = planExpiry(generations, run, 'backup-drill-dev', now).filter(({ keep }) => !keep);
  expect(going.map(({ point }) => point.id)).toEqual(ids.slice(0, 140));
});

test('a generation is named by its instant, and tells it', () => {
  expect(generationAt(new Date('2026-11-24T01:15:00.789Z'))).toBe('20261124T011500Z');
  expect(instantOf('20261124T011500Z')).toBe('2026-11-24T01:15:00.000Z');
});
