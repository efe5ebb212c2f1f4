import { describe, expect, test } from '@jest/globals';
import { faultsOf, missingEverywhere, type RegionOutcome } from '../../shared/fleet.ts';

const region = (name: string, more: Partial<RegionOutcome> = {}): RegionOutcome => ({
  region: name,
  selected: 1,
  missing: [],
  batches: [],
  ...more,
});
const failure = { Error: 'AuthFailure', Cause: 'switched off' };

describe('what a policy names by its id is missing', () => {
  test('when its only Region does not have it', () => {
    expect(missingEverywhere([region('eu-west-1', { missing: ['i-1'] })])).toEqual([
      { region: 'eu-west-1', instanceId: 'i-1', reason: 'the policy names it, but it is not there' },
    ]);
  });

  test('when none of several has it; not when one does', () => {
    const regions = [
      region('eu-west-1', { missing: ['i-1', 'i-2'] }),
      region('us-east-1', { missing: ['i-2', 'i-3'] }),
    ];
    const missing = missingEverywhere(regions);
    expect(missing).toEqual([
      {
        region: '*',
        instanceId: 'i-2',
        reason: 'the policy names it, but it is in none of eu-west-1, us-east-1',
      },
    ]);
    expect(faultsOf('ids', regions, {}, missing)).toEqual([
      'i-2: the policy names it, but it is in none of eu-west-1, us-east-1',
    ]);
  });

  test('as far as Regions could be looked at', () => {
    const regions = [
      region('eu-west-1', { missing: ['i-1'] }),
      region('us-east-1', { selected: 0, failure }),
    ];
    expect(missingEverywhere(regions).map(({ reason }) => reason)).toEqual([
      'the policy names it, but it is in none of eu-west-1',
    ]);
    expect(missingEverywhere([region('eu-west-1', { failure })])).toEqual([]);
  });
});

test('a policy all of whose ids are gone selects something, and so is not told to select nothing', () => {
  const gone = [region('eu-west-1', { selected: 0, missing: ['i-1'] })];
  expect(faultsOf('ids', gone, {}, missingEverywhere(gone))).toEqual([
    'eu-west-1 i-1: the policy names it, but it is not there',
  ]);
  expect(faultsOf('none', [region('eu-west-1', { selected: 0 })], {}, [])).toEqual([
    'policy none selects no instance in eu-west-1',
  ]);
});
