import { describe, expect, test } from '@jest/globals';
import { AwsError } from '../../local/account/service.ts';
import { thrower } from '../local/asl/world.ts';
import { type Functions, type Outcome, runMachine } from './machines.ts';

const at = '2026-01-02T03:04:05.000Z';
const policy = { name: 'nightly', notify: 'always' };
const message = { subject: 'Backed up: nightly', text: 'all of it' };
const complete = {
  status: 'complete',
  counts: { regions: 2, selected: 3, verified: 3, failed: 0 },
  failures: [],
  report: { bucket: 'evidence', key: 'runs/r.json' },
  message,
  retention: {},
};
const incomplete = {
  ...complete,
  status: 'incomplete',
  counts: { regions: 2, selected: 3, verified: 1, failed: 2 },
  failures: ['i-1: gone', 'i-2: busy'],
};

function working(more: Functions = {}, settings: object = {}): Functions {
  const run = { runId: 'r', policy, regions: ['eu-west-1', 'us-east-2'], dryRun: false, ...settings };
  return {
    ReadPolicy: () => run,
    AcquireLock: () => ({}),
    SelectInstances: ({ region }) => ({
      region,
      selected: 1,
      missing: [],
      batches: [{ runId: 'r', name: `${region}-0`, count: 1, afterSeconds: 0, tokens: 50 }],
    }),
    ReportRun: () => complete,
    ReleaseLock: () => ({ released: true }),
    // The first functions of the machines that it starts, which then fail or are stood in for by these.
    ReadBatchInput: thrower('NoSuchKey', 'no list'),
    ...more,
  };
}

const run = (functions: Functions, topic = {}) =>
  runMachine('policy-run', functions, { policy: 'nightly' }, ['batch-backup', 'retention'], topic);
/** Those that the machine itself calls. */
const OWN = ['ReadPolicy', 'AcquireLock', 'SelectInstances', 'ReportRun', 'ReleaseLock'];
const story = ({ calls }: Outcome) =>
  calls
    .filter(({ name, event }) => OWN.includes(name) && !event?.resource?.startsWith('retention/'))
    .map(({ name, event }) => [name, event?.resource ?? event?.region].filter(Boolean).join(' '));
const eventOf = ({ calls }: Outcome, of: string) => calls.findLast(({ name }) => name === of)?.event;

describe('policy-run', () => {
  test('a failed batch, and a failed retention, are told to the report; nothing keeps it from being made', async () => {
    const outcome = await run(working({ ReportRun: () => incomplete }));
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'BackupsMissing' });
    expect(outcome.cause).toBe(
      '2 of 3 have no recovery point; i-1: gone; i-2: busy; report: s3://evidence/runs/r.json',
    );
    expect(outcome.published).toContain(message.subject);
    const { regions, retention } = eventOf(outcome, 'ReportRun');
    const failure = { Error: 'NoSuchKey', Cause: 'no list' };
    expect(regions).toEqual([
      { region: 'eu-west-1', selected: 1, missing: [], batches: [{ name: 'eu-west-1-0', failure }] },
      { region: 'us-east-2', selected: 1, missing: [], batches: [{ name: 'us-east-2-0', failure }] },
    ]);
    expect(retention.failure).toMatchObject({ Error: expect.any(String) });
    expect(story(outcome).at(0)).toBe('ReadPolicy');
    expect(story(outcome).at(-1)).toBe('ReleaseLock policy/nightly');
  });

  test('what failed is named when every backup is there, and when none was to be made', async () => {
    const causeOf = async (counts: object, failure: string) =>
      (await run(working({ ReportRun: () => ({ ...incomplete, counts, failures: [failure] }) }))).cause;
    expect(
      await causeOf({ selected: 3, verified: 3, failed: 0 }, 'retention: TooManyDeletions: 9 of 9'),
    ).toBe(
      'all 3 that were found have their recovery point; retention: TooManyDeletions: 9 of 9; report: s3://evidence/runs/r.json',
    );
    expect(await causeOf({ selected: 0, verified: 0, failed: 0 }, 'policy a selects no instance')).toBe(
      'policy a selects no instance; report: s3://evidence/runs/r.json',
    );
  });

  test('a function that ran out of time is asked again', async () => {
    let tries = 0;
    const select = working().SelectInstances;
    const SelectInstances: Functions[string] = (event) =>
      event.region === 'us-east-2' && ++tries < 3
        ? thrower('Sandbox.Timedout', 'too slow')({})
        : select?.(event);
    const outcome = await run(working({ SelectInstances }));
    expect([tries, outcome.status]).toEqual([3, 'SUCCEEDED']);
  });

  test('the long words of many batches and Regions are cut, so that they fit into the machine’s state', async () => {
    const long = 'x'.repeat(30_000);
    const batches = Array.from({ length: 10 }, (_, at) => ({ name: `a-${at}`, afterSeconds: 0, tokens: 50 }));
    const SelectInstances: Functions[string] = ({ region }) =>
      region === 'us-east-2'
        ? thrower('Boom', long)({})
        : { region, selected: 10, missing: [], batches: batches.map((one) => ({ ...one, runId: 'r' })) };
    const bad = { SelectInstances, ReadBatchInput: thrower('Boom', long), ReportRun: () => incomplete };
    const outcome = await run(working(bad));
    expect(outcome.error).toBe('BackupsMissing');
    const [first, second] = eventOf(outcome, 'ReportRun').regions;
    const failure = { Error: 'Boom', Cause: long.slice(0, 1000) };
    expect(first.batches).toEqual(batches.map(({ name }) => ({ name, failure })));
    expect(second.failure).toEqual(failure);
  });

  test('a Region that cannot be worked in is no fault of the others', async () => {
    const select = working().SelectInstances;
    const SelectInstances: Functions[string] = (event) =>
      event.region === 'us-east-2' ? thrower('AuthFailure', 'switched off')({}) : select?.(event);
    const outcome = await run(working({ SelectInstances }));
    const [good, bad] = eventOf(outcome, 'ReportRun').regions;
    expect(good).toMatchObject({
      region: 'eu-west-1',
      selected: 1,
      missing: [],
      batches: [{ name: 'eu-west-1-0' }],
    });
    expect(bad).toEqual({
      region: 'us-east-2',
      selected: 0,
      batches: [],
      failure: { Error: 'AuthFailure', Cause: 'switched off' },
    });
  });

  test('a dry run starts no batch and succeeds whatever it finds', async () => {
    const outcome = await run(
      working({ ReportRun: () => ({ ...incomplete, message: undefined }) }, { dryRun: true }),
    );
    expect(outcome.status).toBe('SUCCEEDED');
    expect(outcome.output).toMatchObject({ status: 'incomplete', counts: { failed: 2 } });
    expect(outcome.calls.map(({ name }) => name)).not.toContain('ReadBatchInput');
    expect(eventOf(outcome, 'ReportRun').regions).toEqual([
      { region: 'eu-west-1', selected: 1, missing: [], batches: [{ name: 'eu-west-1-0' }] },
      { region: 'us-east-2', selected: 1, missing: [], batches: [{ name: 'us-east-2-0' }] },
    ]);
  });

  test('a dry run locks nothing, and gives nothing back that another run may hold, however it ends', async () => {
    const message = undefined;
    const own = (outcome: Outcome) => story(outcome).filter((line) => line.includes('Lock'));
    const good = await run(working({ ReportRun: () => ({ ...complete, message }) }, { dryRun: true }));
    expect([good.status, own(good)]).toEqual(['SUCCEEDED', []]);
    const bad = await run(working({ ReportRun: thrower('AccessDenied', 'no bucket') }, { dryRun: true }));
    expect([bad.status, bad.error, own(bad)]).toEqual(['FAILED', 'AccessDenied', []]);
  });

  test('a complete run succeeds, and its output says all but the message', async () => {
    const outcome = await run(working());
    const { message: _, ...told } = complete;
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: told });
    expect(outcome.output).not.toHaveProperty('message');
    expect(outcome.published).toContain(message.subject);
  });

  test('a message that cannot be sent, and a lock that stays, change nothing of what was done', async () => {
    const outcome = await run(working({ ReleaseLock: thrower('Boom') }), {
      publish: () => {
        throw new AwsError('InternalError', 'no', 500);
      },
    });
    expect([outcome.status, outcome.error, outcome.cause]).toEqual(['SUCCEEDED', undefined, undefined]);
  });

  test('a policy that is not there touches nothing', async () => {
    const outcome = await run(working({ ReadPolicy: thrower('InvalidInput', 'there is no policy nightly') }));
    expect(outcome).toMatchObject({
      status: 'FAILED',
      error: 'InvalidInput',
      cause: 'there is no policy nightly',
    });
    expect(story(outcome)).toEqual(['ReadPolicy']);
  });

  test('a report that cannot be written fails the run by its name, and the policy is not locked any more', async () => {
    const outcome = await run(working({ ReportRun: thrower('AccessDenied', 'no bucket') }));
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'AccessDenied', cause: 'no bucket' });
    expect(story(outcome).at(-1)).toBe('ReleaseLock policy/nightly');
  });

  test('is asked the time only once: every batch of a Region begins by the same clock', async () => {
    const outcome = await run(working());
    const begun = outcome.calls
      .filter(({ name }) => name === 'ReadBatchInput')
      .map(({ event }) => event.input);
    expect(begun.map(({ name, afterSeconds, tokens }) => [name, afterSeconds, tokens]).sort()).toEqual([
      ['eu-west-1-0', 0, 50],
      ['us-east-2-0', 0, 50],
    ]);
    for (const { begins } of begun) expect(Date.parse(begins)).toBeGreaterThanOrEqual(Date.parse(at));
  });
});
