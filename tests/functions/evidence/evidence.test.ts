import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { judge } from '../../../functions/drill/judge.ts';
import { writeEvidence } from '../../../functions/evidence/writeEvidence.ts';
import { recordRun } from '../../../functions/run/recordRun.ts';
import type { StatesService } from '../../../local/account/states/states.ts';
import type { DrillFacts } from '../../../shared/drillFacts.ts';
import { facts, settings } from '../../shared/drillFacts.ts';
import { Simulated } from '../simulated.ts';

let simulated: Simulated;
let run: typeof settings;
beforeEach(async () => {
  simulated = await Simulated.start();
  const states = simulated.account.service<StatesService>('states', 'eu-west-1');
  const machine = states.createStateMachine({
    name: 'drill',
    roleName: 'role',
    definition: {
      QueryLanguage: 'JSONata',
      StartAt: 'IsIt',
      States: {
        IsIt: { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'WaitForIt' }] },
        WaitForIt: { Type: 'Wait', Seconds: 30, Next: 'Done' },
        Done: { Type: 'Succeed' },
      },
    },
  });
  const started = await simulated.call('states', 'StartExecution', { stateMachineArn: machine, input: '{}' });
  await states.ended(started.executionArn);
  run = { ...settings, executionArn: started.executionArn };
});
afterEach(() => simulated.close());

const judged = (seen: DrillFacts = facts) => simulated.run(judge, { run, facts: seen });
const read = async (place: { bucket: string; key: string }) => {
  const found = await simulated.call('s3', 'GetObject', { Bucket: place.bucket, Key: place.key });
  return { text: (await Array.fromAsync<Buffer>(found.Body)).join(''), Metadata: found.Metadata };
};

describe('writeEvidence', () => {
  test('answers what an auditor asks', async () => {
    const place = await simulated.run(writeEvidence, { run, facts, result: await judged() });
    expect(place).toMatchObject({ bucket: 'evidence', key: 'drills/2026-01-02/run-1.json' });
    const document = JSON.parse((await read(place)).text);
    expect(document).toMatchObject({
      verdict: 'PASS',
      execution: { arn: run.executionArn },
      deployment: { name: 'backup-drill-test', version: 'unknown', region: 'eu-west-1' },
      objectives: { rtoSeconds: 1800, rpoSeconds: 3600 },
      achieved: { rto: { seconds: 210 }, rpo: { seconds: 500 } },
      scope: { mode: 'sandbox', source: { instanceId: 'i-1' }, paths: ['/srv', '/data1'] },
      recoveryPoint: { imageId: 'ami-1a1a1a1a', consistency: { asked: 'reboot', seen: 'rebooted' } },
      restored: { instanceId: 'i-2' },
      integrity: { restored: { compared: 100, missing: 0 } },
      deviations: [],
      cleanup: { removal: { removed: 6 }, sweep: { leftovers: [] } },
    });
    expect(document.checks).toHaveLength(14);
  });

  test('has start and end of each step from the execution itself', async () => {
    const place = await simulated.run(writeEvidence, { run, facts, result: await judged() });
    const { steps } = JSON.parse((await read(place)).text);
    expect(steps).toEqual([
      {
        step: 'WaitForIt',
        startedAt: '2026-01-02T03:04:05.000Z',
        finishedAt: '2026-01-02T03:04:35.000Z',
        times: 1,
      },
      expect.objectContaining({ step: 'Done' }),
    ]);
  });

  test('carries its own hash', async () => {
    const place = await simulated.run(writeEvidence, { run, facts, result: await judged() });
    const { text, Metadata } = await read(place);
    const sha256 = createHash('sha256').update(text).digest('hex');
    expect(Metadata).toMatchObject({ sha256 });
    expect(place.sha256).toBe(sha256);
  });

  test('of a drill that broke says what was not done', async () => {
    const failure = { Error: 'CommandFailed', Cause: 'seed: no space left' };
    const result = await simulated.run(judge, { run, facts: { source: facts.source }, failure });
    const place = await simulated.run(writeEvidence, { run, facts: { source: facts.source }, result });
    const document = JSON.parse((await read(place)).text);
    expect(document).toMatchObject({ verdict: 'INCONCLUSIVE', recoveryPoint: null, restored: null });
    expect(document.deviations[0]).toBe('the run failed: CommandFailed: seed: no space left');
    expect(document.deviations).toContain('the check manifest could not be made');
  });
});

describe('recordRun', () => {
  const evidence = { bucket: 'evidence', key: 'drills/x.json', sha256: 'ab' };
  const record = async () => {
    const Key = { id: { S: 'run-1' }, entry: { S: 'run' } };
    return (await simulated.call('dynamodb', 'GetItem', { TableName: 'runs', Key })).Item;
  };

  test('writes the result, where lists of runs find it', async () => {
    const result = await judged();
    const written = await simulated.run(recordRun, { executionArn: 'arn', result, evidence });
    expect(written).toMatchObject({ verdict: 'PASS', evidence, finishedAt: simulated.now });
    expect(await record()).toMatchObject({
      kind: { S: 'drill' },
      startedAt: { S: settings.startedAt },
      verdict: { S: 'PASS' },
      executionArn: { S: 'arn' },
    });
  });

  test.each([
    ['evidence that was not written', {}],
    ['a failure after the verdict', { evidence, failure: { Error: 'X', Cause: 'y' } }],
  ])('%s leaves no PASS', async (_, more) => {
    const request = { executionArn: 'arn', result: await judged(), ...more };
    expect((await simulated.run(recordRun, request)).verdict).toBe('INCONCLUSIVE');
    expect(await record()).toMatchObject({ verdict: { S: 'INCONCLUSIVE' } });
  });
});
