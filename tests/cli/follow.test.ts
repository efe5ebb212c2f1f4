import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { follow } from '../../cli/follow.ts';
import { visitsOf } from '../../cli/history.ts';
import { stepsOf } from '../../cli/steps.ts';
import { Account } from '../../local/account/account.ts';
import { type StatesService, statesService } from '../../local/account/states/states.ts';
import type { Host } from '../../local/host/host.ts';
import { Principals } from '../../local/wire/principals.ts';
import { listen, type Server } from '../../local/wire/server.ts';

const REGION = 'eu-west-1';
const everybodyMay = { require: () => {}, allows: () => true };

describe('following an execution', () => {
  let directory = '';
  let account: Account;
  let server: Server;
  let sfn: SFNClient;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'backup-drill-test-'));
    account = new Account({
      directory,
      iam: everybodyMay,
      host: {} as Host,
      services: { states: statesService },
    });
    const principals = new Principals();
    server = await listen(account, principals);
    sfn = new SFNClient({
      region: REGION,
      endpoint: server.endpoint,
      credentials: principals.issue(account.operator),
    });
  });
  afterEach(async () => {
    sfn.destroy();
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  function machine(name: string, states: object): string {
    const definition = { QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states };
    return account
      .service<StatesService>('states', REGION)
      .createStateMachine({ name, definition, roleName: 'role' });
  }

  async function start(stateMachineArn: string): Promise<string> {
    const started = await sfn.send(
      new StartExecutionCommand({ stateMachineArn, name: 'run-1', input: '{"a":1}' }),
    );
    return started.executionArn ?? '';
  }

  test('ends with its output and the histories of all that it started, each event once', async () => {
    const inner = machine('inner', {
      WaitForImage: { Type: 'Wait', Seconds: 300, Next: 'Done' },
      Done: { Type: 'Succeed', Output: { imageId: 'ami-1' } },
    });
    const outer = machine('outer', {
      BackUp: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution.sync:2',
        Arguments: { StateMachineArn: inner, Name: 'run-1-backup', Input: {} },
        Output: '{% $states.result.Output %}',
        End: true,
      },
    });
    const executionArn = await start(outer);
    let looks = 0;
    const ending = await follow({ sfn, executionArn, everyMs: 5, onLook: () => looks++ });
    expect(ending).toMatchObject({ status: 'SUCCEEDED', output: '{"imageId":"ami-1"}' });
    expect(looks).toBeGreaterThan(0);
    const [root, nested, ...others] = [...ending.histories.values()];
    expect(others).toEqual([]);
    for (const events of [root, nested])
      expect(events?.map(({ id }) => id)).toEqual(events?.map((_, index) => index + 1));
    expect(stepsOf(visitsOf(nested ?? []))).toMatchObject([{ name: 'WaitForImage' }]);
    const [wait] = stepsOf(visitsOf(nested ?? []));
    expect((wait?.finishedAt ?? 0) - (wait?.startedAt ?? 0)).toBe(300_000);
  });

  test('ends with the error and the cause of one that failed', async () => {
    const failing = machine('failing', {
      Refused: { Type: 'Fail', Error: 'InvalidInput', Cause: 'mode: no' },
    });
    const ending = await follow({ sfn, executionArn: await start(failing), everyMs: 5 });
    expect(ending).toMatchObject({ status: 'FAILED', error: 'InvalidInput', cause: 'mode: no' });
    expect(ending.output).toBeUndefined();
  });
});
