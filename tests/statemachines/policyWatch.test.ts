import { describe, expect, test } from '@jest/globals';
import { AwsError } from '../../local/account/service.ts';
import { fake, thrower } from '../local/asl/world.ts';
import { type Functions, type Outcome, runMachine } from './machines.ts';

/** A message in the queue of failed starts. */
const letter = (number: number) => ({
  MessageId: `m-${number}`,
  MessageAttributes: {
    SCHEDULE_ARN: { StringValue: `arn/group/p${number}`, DataType: 'String' },
    SCHEDULED_TIME: { StringValue: '2026-01-02T03:00:00Z', DataType: 'String' },
    ERROR_CODE: { StringValue: 'AccessDeniedException', DataType: 'String' },
    ERROR_MESSAGE: { StringValue: 'x'.repeat(900), DataType: 'String' },
  },
});
const remember = { id: { S: 'watch' }, entry: { S: 'told' }, problems: { M: {} } };
const quiet = { policies: 2, problems: [], remember };
const loud = { policies: 2, problems: ['p: LATE'], message: { subject: 's', text: 't' }, remember };

async function watch(
  functions: Functions,
  { letters = 0, publish, put }: { letters?: number; publish?: () => unknown; put?: () => unknown } = {},
): Promise<Outcome & { items: unknown[] }> {
  const items: unknown[] = [];
  let next = 0;
  const ReceiveMessage = () => {
    const Messages = [];
    while (Messages.length < 10 && next < letters) Messages.push(letter(++next));
    return Messages.length === 0 ? {} : { Messages };
  };
  const PutItem = ({ Item }: { Item: unknown }) => {
    put?.();
    items.push(Item);
    return {};
  };
  const services = { sqs: fake('sqs', { ReceiveMessage }), dynamodb: fake('dynamodb', { PutItem }) };
  const outcome = await runMachine('policy-watch', functions, {}, [], {
    services,
    ...(publish && { publish }),
  });
  return { ...outcome, items };
}

const refuse = () => {
  throw new AwsError('AccessDeniedException', 'no', 403);
};

describe('policy-watch', () => {
  test('tells nobody and writes nothing when all is well', async () => {
    const { status, output, published, items, calls } = await watch({ WatchPolicies: () => quiet });
    expect({ status, output, published, items }).toEqual({
      status: 'SUCCEEDED',
      output: { policies: 2, problems: [] },
      published: [],
      items: [],
    });
    expect(calls.map(({ event }) => event)).toEqual([{ failedStarts: [] }]);
  });

  test('tells, and then remembers what it told', async () => {
    const { status, output, published, items } = await watch({ WatchPolicies: () => loud });
    expect({ status, output, published, items }).toEqual({
      status: 'SUCCEEDED',
      output: { policies: 2, problems: ['p: LATE'] },
      published: ['s'],
      items: [remember],
    });
  });

  test.each([1, 10, 23])('hands on all of %i starts that failed', async (letters) => {
    const { calls } = await watch({ WatchPolicies: () => quiet }, { letters });
    const [{ event } = { event: undefined }] = calls;
    expect(event.failedStarts).toHaveLength(letters);
    expect(event.failedStarts.at(-1)).toEqual({
      schedule: `arn/group/p${letters}`,
      due: '2026-01-02T03:00:00Z',
      error: 'AccessDeniedException',
      message: 'x'.repeat(500),
    });
  });

  test('looks at 200 at most, which a payload holds', async () => {
    const { status, calls } = await watch({ WatchPolicies: () => quiet }, { letters: 900 });
    expect([status, calls[0]?.event.failedStarts.length]).toEqual(['SUCCEEDED', 200]);
  });

  test('fails when it cannot look, with the name and the message of why', async () => {
    const outcome = await watch({ WatchPolicies: thrower('InvalidInput', 'which') });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'InvalidInput', cause: 'which', published: [] });
  });

  test('fails when it cannot tell, and takes nothing for told', async () => {
    const outcome = await watch({ WatchPolicies: () => loud }, { publish: refuse });
    expect(outcome).toMatchObject({ status: 'FAILED', error: expect.stringContaining('SNS'), items: [] });
  });

  test('fails when it cannot remember, having told', async () => {
    const outcome = await watch({ WatchPolicies: () => loud }, { put: refuse });
    expect(outcome).toMatchObject({ status: 'FAILED', published: ['s'], items: [] });
  });

  test('tries again before it fails', async () => {
    let tries = 0;
    const flaky = () => (++tries < 3 ? thrower('Throttled')({}) : quiet);
    expect([(await watch({ WatchPolicies: flaky })).status, tries]).toEqual(['SUCCEEDED', 3]);
  });
});
