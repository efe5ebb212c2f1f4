import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readPolicy } from '../../../functions/policy/readPolicy.ts';
import type { SsmService } from '../../../local/account/ssm/ssm.ts';
import { Simulated } from '../simulated.ts';

let simulated: Simulated;
let ssm: SsmService;

beforeAll(async () => {
  simulated = await Simulated.start();
  ssm = simulated.account.service<SsmService>('ssm', 'eu-west-1');
  put('nightly', {});
});
afterAll(() => simulated.close());

function put(name: string, more: object): void {
  const policy = { name, capture: 'ami', keep: { days: 14 }, ...more };
  ssm.putParameter(`/backup-drill-test/policies/${name}`, JSON.stringify(policy));
}
const read = (input: object) => simulated.run(readPolicy, { input, executionName: 'nightly-1' });

test('a policy is read with its defaults; it means the Region of the stack unless it names others', async () => {
  expect(await read({ policy: 'nightly' })).toMatchObject({
    runId: 'nightly-1',
    dryRun: false,
    policy: { name: 'nightly', tagKey: 'backup-policy', consistency: 'reboot', notify: 'failures' },
    regions: ['eu-west-1'],
  });
  put('two', { select: { regions: ['us-east-1', 'eu-west-1'] } });
  expect((await read({ policy: 'two', dryRun: true })).regions).toEqual(['us-east-1', 'eu-west-1']);
});

test('a run is named by its execution, as far as names of runs go', async () => {
  const named = async (executionName: string, input = {}) =>
    (await simulated.run(readPolicy, { input: { policy: 'nightly', ...input }, executionName })).runId;
  expect(await named('monday.v1')).toBe('monday-v1');
  expect(await named(`nightly-${'x'.repeat(36)}-${'0123456789'.repeat(3)}`)).toBe(
    `${'x'.repeat(19)}-${'0123456789'.repeat(3)}`,
  );
  expect(await named('child', { runId: 'parent' })).toBe('parent');
});

test('every Region is every one that is switched on', async () => {
  put('all', { select: { regions: '*' } });
  simulated.account.switchedOff.add('ap-south-1');
  const { regions } = await read({ policy: 'all' });
  simulated.account.switchedOff.clear();
  expect(regions).toContain('us-west-2');
  expect(regions).not.toContain('ap-south-1');
  expect(regions).toHaveLength(16);
});

test('a name that there is not is told with those that there are', async () => {
  for (let count = 0; count < 12; count++) put(`policy-${count}`, {});
  await expect(read({ policy: 'nigthly' })).rejects.toMatchObject({
    name: 'InvalidInput',
    message: expect.stringMatching(
      /^there is no policy nigthly; there is all, nightly, policy-0, .*policy-9/,
    ),
  });
});

test.each([[{}], [{ policy: '../x' }], [{ policy: 'nightly', polisy: 1 }]])(
  '%j is refused',
  async (input) => {
    await expect(read(input)).rejects.toMatchObject({ name: 'InvalidInput' });
  },
);

test('a key that it does not know is named, of the input and of the policy', async () => {
  await expect(read({ policy: 'nightly', polisy: 1 })).rejects.toMatchObject({
    message: expect.stringContaining('input.polisy: there is no such key; it takes policy, dryRun, runId'),
  });
  put('worse', { foo: 1 });
  await expect(read({ policy: 'worse' })).rejects.toMatchObject({
    message: expect.stringContaining('policy worse: foo: there is no such key; it takes name, tagKey'),
  });
});

test('a parameter that is no JSON is named, and what to do', async () => {
  ssm.putParameter('/backup-drill-test/policies/torn', '{"name": "torn", ');
  await expect(read({ policy: 'torn' })).rejects.toMatchObject({
    name: 'InvalidInput',
    message: expect.stringMatching(
      /^the parameter \/backup-drill-test\/policies\/torn is no JSON, so its policy cannot be read: .*; somebody changed it, so deploy again$/,
    ),
  });
});

test('what a later version has written is refused by name', async () => {
  put('later', { copies: [] });
  await expect(read({ policy: 'later' })).rejects.toMatchObject({
    name: 'InvalidInput',
    message: expect.stringContaining('policy later: copies: copies to other Regions'),
  });
});
