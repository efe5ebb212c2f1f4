import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SsmService } from '../../local/account/ssm/ssm.ts';
import { ec2, havePolicy, pointsOf, runPolicy } from './fleet.ts';
import { userInstance } from './userInstance.ts';
import { World } from './world.ts';

const MINUTE = 60_000; // real milliseconds that a test may take on a busy machine
const ALLOWED = { 'backup-drill:application': 'allowed' };
const JOURNAL = '/srv/application-journal';

let world: World;
let instanceId: string;
beforeAll(async () => {
  world = await World.start();
  instanceId = (await userInstance(world)).instanceId;
  document('app-before', `echo "before" >> "$SSM_Root${JOURNAL}"`, ALLOWED);
  document('app-after', `echo "after" >> "$SSM_Root${JOURNAL}"`, ALLOWED);
  document('app-broken', 'echo "the database does not answer" >&2; exit 3', ALLOWED);
  document('app-untagged', `echo "untagged" >> "$SSM_Root${JOURNAL}"`, {});
}, 2 * MINUTE);
afterAll(async () => await world.close());

/** An SSM document as the owner of an application writes it. */
function document(name: string, command: string, tags: Record<string, string>): void {
  const mainSteps = [{ action: 'aws:runShellScript', name: 'run', inputs: { runCommand: [command] } }];
  const ssm = world.local.account.service<SsmService>('ssm', world.local.region);
  ssm.createDocument(name, { schemaVersion: '2.2', mainSteps }, tags);
}

/** What the documents have done so far, in order. */
async function journal(): Promise<string[]> {
  const text = await world.shell(
    instanceId,
    `cat "$SSM_Root${JOURNAL}" 2>/dev/null; rm -f "$SSM_Root${JOURNAL}"`,
  );
  return text.split('\n').filter((line) => line !== '');
}

/** When things were asked of the account, `what` in the order of their first call. */
function watch(): { order: string[]; end: () => void } {
  const { account } = world.local;
  const call = account.call.bind(account);
  const order: string[] = [];
  account.call = async (asked) => {
    const { operation, input } = asked;
    if (operation === 'SendCommand') order.push(String(input.DocumentName).replace(/^.*dev-/, ''));
    if (['CreateImage', 'CreateSnapshots', 'StopInstances'].includes(operation)) order.push(operation);
    if (operation === 'StartInstances' && !input.DryRun) order.push(operation);
    return await call(asked);
  };
  return {
    order,
    end: () => {
      account.call = call;
    },
  };
}

describe('documents of an application', () => {
  test.each([
    ['none', 'snapshots', ['app-before', 'CreateSnapshots', 'app-after']],
    ['none', 'ami', ['app-before', 'CreateImage', 'app-after']],
    ['stop', 'ami', ['app-before', 'StopInstances', 'CreateImage', 'StartInstances', 'app-after']],
  ])(
    'consistency %s, %s: %j',
    async (consistency, capture, order) => {
      const documents = { before: 'app-before', after: 'app-after' };
      havePolicy(world, 'app', { capture, consistency, documents, select: { ids: [instanceId] } });
      const watched = watch();
      const { status, report } = await runPolicy(world, 'app');
      watched.end();
      expect([status, report.failures]).toEqual(['SUCCEEDED', []]);
      expect([...new Set(watched.order)]).toEqual(order); // a document is sent again until its agent is there
      expect(await journal()).toEqual(['before', 'after']);
      expect((await world.instance(instanceId)).State.Name).toBe('running');
      expect(await world.locks()).toEqual([]);
    },
    MINUTE,
  );

  test(
    'one that its owner has not tagged is refused by IAM, before anything is touched',
    async () => {
      const documents = { before: 'app-untagged' };
      havePolicy(world, 'untagged', { documents, select: { ids: [instanceId] } });
      const { error, runId, report } = await runPolicy(world, 'untagged');
      expect(error).toBe('BackupsMissing');
      expect(report.failures).toEqual([
        expect.stringMatching(
          /^eu-west-1 i-[0-9a-f]+: AccessDeniedException: .*ssm:SendCommand.*document\/app-untagged/,
        ),
      ]);
      expect(await journal()).toEqual([]);
      expect(await pointsOf(world, runId)).toEqual([]);
      expect(await world.locks()).toEqual([]);
    },
    MINUTE,
  );

  test(
    'after runs also when the capture fails',
    async () => {
      const documents = { before: 'app-before', after: 'app-after' };
      havePolicy(world, 'refused', { documents, select: { ids: [instanceId] } });
      const error = { code: 'UnauthorizedOperation', message: 'not for you' };
      world.local.account.faults.add({ service: 'ec2', operation: 'CreateImage', error });
      const { report } = await runPolicy(world, 'refused');
      world.local.account.faults.clear();
      expect(report.failures).toEqual([`eu-west-1 ${instanceId}: UnauthorizedOperation: not for you`]);
      expect(await journal()).toEqual(['before', 'after']);
      expect(await world.locks()).toEqual([]);
    },
    MINUTE,
  );

  test(
    'where before fails nothing is captured, and after runs, since it may have come to rest half-way',
    async () => {
      const documents = { before: 'app-broken', after: 'app-after' };
      havePolicy(world, 'broken', { documents, select: { ids: [instanceId] } });
      const { runId, report } = await runPolicy(world, 'broken');
      expect(report.failures).toEqual([
        expect.stringMatching(/: CommandFailed: .*application-before.*the database does not answer/s),
      ]);
      expect(await journal()).toEqual(['after']);
      expect(await pointsOf(world, runId)).toEqual([]);
    },
    MINUTE,
  );

  test(
    'where after fails the point is kept, and somebody is called',
    async () => {
      const documents = { before: 'app-before', after: 'app-broken' };
      havePolicy(world, 'stuck', { documents, select: { ids: [instanceId] } });
      const { runId, report, message } = await runPolicy(world, 'stuck');
      expect(report.failures[0]).toContain(`LET THE APPLICATION OF ${instanceId} GO ON BY HAND`);
      expect(message?.text).toContain(report.failures[0]);
      const [point] = await pointsOf(world, runId);
      expect(point).toMatchObject({ state: 'available', status: 'verified' });
      expect(ec2(world).agentOnline(instanceId)).toBe(true);
    },
    MINUTE,
  );
});
