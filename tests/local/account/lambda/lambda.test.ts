import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { strToU8, zipSync } from 'fflate';
import { Account } from '../../../../local/account/account.ts';
import { AccountIam } from '../../../../local/account/iam/accountIam.ts';
import { readPolicy } from '../../../../local/account/iam/policy.ts';
import { LambdaService } from '../../../../local/account/lambda/lambda.ts';
import { Clock } from '../../../../local/clock.ts';
import type { Host } from '../../../../local/host/host.ts';

const START = Date.parse('2026-03-01T04:00:00Z');
const REGION = 'eu-west-1';
const ACCOUNT = '123456789012';

let directory: string;
let account: Account;
let iam: AccountIam;
let lambda: LambdaService;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lambda-'));
  iam = new AccountIam();
  giveRole('logs:*');
  account = new Account({
    clock: new Clock({ start: START }),
    directory,
    iam,
    host: {} as Host, // no function here has an instance
    services: {
      lambda: (of, region) =>
        new LambdaService(of, region, ({ arn }) => ({
          accessKeyId: `key of ${arn}`,
          secretAccessKey: 'secret',
          sessionToken: 'token',
        })),
    },
  });
  account.endpoint = 'http://127.0.0.1:1';
  lambda = account.service<LambdaService>('lambda', REGION);
});

afterEach(async () => {
  await lambda.dispose();
  rmSync(directory, { recursive: true });
});

function giveRole(...Action: string[]) {
  const Statement = [{ Effect: 'Allow', Action, Resource: '*' }];
  const policies = [readPolicy({ Version: '2012-10-17', Statement }, 'policy')];
  iam.createRole({ name: 'worker', arn: `arn:aws:iam::${ACCOUNT}:role/worker`, policies, trusted: [] });
}

let deploys = 0;

/** Deploys a function of this source, as packaging would. */
function deploy(
  source: string,
  settings: { name?: string; timeoutSeconds?: number; environment?: Record<string, string> } = {},
) {
  const zip = join(directory, `fn-${++deploys}.zip`); // as packaging does: another content, another path
  writeFileSync(zip, zipSync({ 'functions/fn.mjs': strToU8(source) }));
  return lambda.createFunction({
    name: 'fn',
    role: 'worker',
    zip,
    handler: 'functions/fn.handler',
    environment: {},
    memoryMb: 512,
    timeoutSeconds: 60,
    ...settings,
  });
}

async function invoke(payload: unknown = {}, input: object = {}) {
  const before = account.clock.now();
  const answer = (await account.call({
    principal: account.operator,
    region: REGION,
    service: 'lambda',
    operation: 'Invoke',
    input: { FunctionName: 'fn', Payload: Buffer.from(JSON.stringify(payload)), ...input },
  })) as { Payload: Uint8Array; FunctionError?: string; StatusCode: number };
  const result = JSON.parse(Buffer.from(answer.Payload).toString());
  return { ...answer, result, milliseconds: account.clock.now() - before };
}

describe('a function', () => {
  test('answers what its handler returns, with the event and the context that Lambda gives', async () => {
    const arn = deploy(`export const handler = async (event, context) => ({
      event, name: context.functionName, arn: context.invokedFunctionArn, left: context.getRemainingTimeInMillis() > 50000 });`);
    const { result, StatusCode, FunctionError } = await invoke({ a: [1, 'ü'] });
    expect(result).toEqual({ event: { a: [1, 'ü'] }, name: 'fn', arn, left: true });
    expect([StatusCode, FunctionError]).toEqual([200, undefined]);
    expect(arn).toBe(`arn:aws:lambda:${REGION}:${ACCOUNT}:function:fn`);
  });

  test('is found by its ARN too, and one that is not there is refused', async () => {
    const arn = deploy('export const handler = () => 1;');
    expect((await invoke({}, { FunctionName: arn })).result).toBe(1);
    await expect(invoke({}, { FunctionName: 'other' })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      status: 404,
      message: `Function not found: arn:aws:lambda:${REGION}:${ACCOUNT}:function:other`,
    });
  });

  test('that returns nothing answers null', async () => {
    deploy('export const handler = async () => {};');
    expect((await invoke()).result).toBeNull();
  });

  test('sees only the variables that Lambda sets, its own, and its role', async () => {
    process.env.SECRET_OF_THIS_MACHINE = 'x';
    deploy('export const handler = () => process.env;', { environment: { RUNS_TABLE: 'runs' } });
    const { result } = await invoke();
    expect(Object.keys(result).filter((key) => !/^AWS_|^_HANDLER|^LAMBDA_|^TZ$|^HOME$/.test(key))).toEqual([
      'RUNS_TABLE',
    ]);
    expect(result).toMatchObject({
      AWS_ACCESS_KEY_ID: `key of arn:aws:sts::${ACCOUNT}:assumed-role/worker/fn`,
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_REGION: REGION,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    });
  });

  test('lives on the virtual clock', async () => {
    deploy(`const loaded = Date.now();
      export const handler = async () => ({ loaded, now: Date.now(), made: new Date().toISOString(), of: new Date(0).getTime(), is: new Date() instanceof Date });`);
    await account.clock.sleep(3_600_000);
    expect((await invoke()).result).toEqual({
      loaded: START + 3_600_000,
      now: START + 3_600_000,
      made: '2026-03-01T05:00:00.000Z',
      of: 0,
      is: true,
    });
    await account.clock.sleep(1000);
    expect((await invoke()).result.loaded).toBe(START + 3_600_000);
  });
});

describe('a failure of a function', () => {
  test('has its name, its message and its trace', async () => {
    deploy(`class InvalidInput extends Error { name = 'InvalidInput'; }
      export const handler = async () => { throw new InvalidInput('key: wrong'); };`);
    const { result, FunctionError, StatusCode } = await invoke();
    expect([FunctionError, StatusCode]).toEqual(['Unhandled', 200]);
    expect(result).toEqual({
      errorType: 'InvalidInput',
      errorMessage: 'key: wrong',
      trace: expect.any(Array),
    });
  });

  test('of a thrown text has the text', async () => {
    deploy(`export const handler = async () => { throw 'no'; };`);
    expect((await invoke()).result).toEqual({ errorType: 'string', errorMessage: 'no', trace: [] });
  });

  test('at import, or of a handler that is not there, fails the invocation', async () => {
    deploy(`import 'no-such-package'; export const handler = () => 1;`);
    expect((await invoke()).result.errorMessage).toContain("Cannot find package 'no-such-package'");
    deploy('export const other = () => 1;');
    expect((await invoke()).result).toMatchObject({ errorType: 'Runtime.HandlerNotFound' });
  });

  test('that ends the process is told, and the next invocation starts anew', async () => {
    deploy(`export const handler = (event) => { if (event.die) process.exit(3); return 'alive'; };`);
    expect((await invoke({ die: true })).result).toMatchObject({ errorType: 'Runtime.ExitError' });
    expect((await invoke()).result).toBe('alive');
  });

  test('to answer in time takes its whole timeout on the virtual clock', async () => {
    deploy('export const handler = () => new Promise(() => setTimeout(() => {}, 60000));', {
      timeoutSeconds: 0.3,
    });
    const { result, milliseconds } = await invoke();
    expect(result.errorType).toBe('Sandbox.Timedout');
    expect(result.errorMessage).toMatch(
      /^RequestId: [0-9a-f-]{36} Error: Task timed out after 0.30 seconds$/,
    );
    expect(milliseconds).toBe(250 + 300);
  });

  test('of size: 6 MB in, 6 MB out', async () => {
    deploy(`export const handler = ({ size }) => 'x'.repeat(size);`);
    await expect(invoke('x'.repeat(6_291_456))).rejects.toMatchObject({
      code: 'RequestTooLargeException',
      status: 413,
    });
    expect((await invoke({ size: 6_291_555 })).result).toMatchObject({
      errorType: 'Function.ResponseSizeTooLarge',
    });
    expect((await invoke({ size: 6_000_000 })).result).toHaveLength(6_000_000);
  });
});

describe('time and money', () => {
  test('a cold start takes 250 ms, a handler 30, each request 40; all of it is billed', async () => {
    const server = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    account.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    deploy(`import { request } from 'node:http';
      const get = () => new Promise((done) => request(process.env.AWS_ENDPOINT_URL, (answer) => { answer.resume(); answer.on('end', done); }).end());
      export const handler = async ({ calls }) => { for (let i = 0; i < calls; i++) await get(); };`);
    expect((await invoke({ calls: 0 })).milliseconds).toBe(280);
    expect((await invoke({ calls: 2 })).milliseconds).toBe(110);
    expect(account.meter.units.get('lambda:request')).toBe(2);
    expect(account.meter.units.get('lambda:gb-second')).toBeCloseTo(0.5 * 0.39);
    expect(account.meter.largest.get('lambda:payload')).toBe('{"calls":0}'.length);
    server.close();
  });

  test('a function goes where its bundle was loaded, and keeps what its module holds', async () => {
    const counting = `let calls = 0;
      export const handler = async () => { calls++; await new Promise((done) => setTimeout(done, 50)); return calls; };`;
    for (const name of ['one', 'other']) deploy(counting, { name });
    const both = () => Promise.all(['one', 'other'].map((FunctionName) => invoke({}, { FunctionName })));
    expect((await both()).map(({ result }) => result)).toEqual([1, 1]);
    for (const FunctionName of ['one', 'other', 'one'])
      expect((await invoke({}, { FunctionName })).result).toBeGreaterThan(1);
    expect((await both()).map(({ result }) => result)).toEqual([4, 3]);
  });

  test('an environment serves one invocation at a time', async () => {
    deploy('let served = 0; export const handler = () => ++served;');
    const both = await Promise.all([invoke(), invoke()]);
    expect(both.map(({ result, milliseconds }) => [result, milliseconds])).toEqual([
      [1, 280],
      [1, 280],
    ]);
    expect((await invoke()).result).toBe(2);
  });
});

describe('logs', () => {
  const metric = JSON.stringify({
    _aws: {
      Timestamp: 1,
      CloudWatchMetrics: [
        { Namespace: 'drill', Dimensions: [['stage']], Metrics: [{ Name: 'Rto', Unit: 'Seconds' }] },
      ],
    },
    stage: 'dev',
    Rto: 42,
  });

  test('keep what was printed, with metrics recognised', async () => {
    deploy(
      `export const handler = () => { console.log('hello', { a: 1 }); process.stdout.write(${JSON.stringify(`${metric}\n`)}); };`,
    );
    await invoke();
    expect(lambda.logs('fn')).toEqual([
      { at: START, text: 'hello { a: 1 }' },
      { at: START, text: metric },
    ]);
    expect(lambda.metrics()).toEqual([
      {
        namespace: 'drill',
        name: 'Rto',
        unit: 'Seconds',
        value: 42,
        dimensions: { stage: 'dev' },
        at: START,
      },
    ]);
  });

  test('are lost where the role may not write them', async () => {
    giveRole('s3:*');
    deploy(`export const handler = () => { console.log('hello'); };`);
    await invoke();
    expect(lambda.logs('fn')).toEqual([]);
  });
});

test('a role without lambda:InvokeFunction on the function is refused', async () => {
  deploy('export const handler = () => 1;');
  const principal = { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/worker/x`, role: 'worker' };
  const call = {
    principal,
    region: REGION,
    service: 'lambda',
    operation: 'Invoke',
    input: { FunctionName: 'fn' },
  };
  await expect(account.call(call)).rejects.toMatchObject({ code: 'AccessDeniedException', status: 403 });
});
