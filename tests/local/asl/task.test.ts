import { describe, expect, test } from '@jest/globals';
import { AwsError } from '../../../local/account/service.ts';
import { denying, fake, fakeLambda, invoking, thrower, world } from './world.ts';

const double = (event: { n: number }) => ({ n: event.n * 2 });

describe('lambda:invoke', () => {
  test('sends Payload as JSON and gives the response with its payload parsed', async () => {
    const { Output: _, ...task } = invoking('double');
    const ran = await world({ lambda: fakeLambda({ double }) }).run({ T: task }, { n: 4 });
    expect(ran.output).toEqual({
      ExecutedVersion: '$LATEST',
      Payload: { n: 8 },
      SdkHttpMetadata: { HttpStatusCode: 200 },
      SdkResponseMetadata: { RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      StatusCode: 200,
    });
    expect(ran.seconds).toBe(1);
    expect(ran.events.map(({ id, previousEventId, type }) => [id, previousEventId, type])).toEqual([
      [1, 0, 'ExecutionStarted'],
      [2, 0, 'TaskStateEntered'],
      [3, 2, 'TaskScheduled'],
      [4, 3, 'TaskStarted'],
      [5, 4, 'TaskSucceeded'],
      [6, 5, 'TaskStateExited'],
      [7, 6, 'ExecutionSucceeded'],
    ]);
    expect(ran.events[2]?.taskScheduledEventDetails).toEqual({
      resourceType: 'lambda',
      resource: 'invoke',
      region: 'eu-west-1',
      parameters: '{"FunctionName":"double","Payload":{"n":4}}',
    });
    expect(ran.events[3]?.taskStartedEventDetails).toEqual({ resourceType: 'lambda', resource: 'invoke' });
  });

  test('without Payload sends an empty object', async () => {
    const task = { ...invoking('echo'), Arguments: { FunctionName: 'echo' } };
    const ran = await world({ lambda: fakeLambda({ echo: (event) => event }) }).run({ T: task }, { n: 1 });
    expect(ran.output).toEqual({});
  });

  test('an error of the function is the error of the state, its payload the cause', async () => {
    const services = { lambda: fakeLambda({ broken: thrower('ResourceBusy', 'i-1 is taken') }) };
    const ran = await world(services).run({ T: invoking('broken') });
    const cause = '{"errorType":"ResourceBusy","errorMessage":"i-1 is taken","trace":[]}';
    expect(ran).toMatchObject({ status: 'FAILED', error: 'ResourceBusy', cause });
    expect(ran.events[4]).toMatchObject({
      type: 'TaskFailed',
      taskFailedEventDetails: { resourceType: 'lambda', resource: 'invoke', error: 'ResourceBusy', cause },
    });
  });

  test('a function that is not there is Lambda.ResourceNotFoundException', async () => {
    const ran = await world({ lambda: fakeLambda({}) }).run({ T: invoking('gone') });
    expect(ran.error).toBe('Lambda.ResourceNotFoundException');
    expect(ran.cause).toMatch(
      /^Function not found: gone \(Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: [0-9a-f-]{36}; Proxy: null\)$/,
    );
  });

  test("is called with the machine's role, and refused when that may not", async () => {
    const iam = denying('lambda:InvokeFunction');
    const ran = await world({ lambda: fakeLambda({ double }) }, iam).run({ T: invoking('double') });
    expect(ran.error).toBe('Lambda.AWSLambdaException');
    expect(ran.cause).toContain(
      'arn:aws:sts::123456789012:assumed-role/machine-role/run-1 may not lambda:InvokeFunction',
    );
  });

  test('a result of more than 256 KiB is States.DataLimitExceeded, which States.ALL does not match', async () => {
    const services = { lambda: fakeLambda({ big: () => 'x'.repeat(262_144) }) };
    const states = (name: string) => ({
      T: invoking('big', { Catch: [{ ErrorEquals: [name], Next: 'Caught' }], End: true }),
      Caught: { Type: 'Pass', Output: 'caught', End: true },
    });
    expect((await world(services).run(states('States.ALL'))).error).toBe('States.DataLimitExceeded');
    expect((await world(services).run(states('States.DataLimitExceeded'))).output).toBe('caught');
  });
});

describe('TimeoutSeconds', () => {
  const slow = { lambda: fakeLambda({ slow: () => 'late' }, 100) };

  test('ends the attempt with States.Timeout', async () => {
    const ran = await world(slow).run({ T: invoking('slow', { TimeoutSeconds: 30, End: true }) });
    expect(ran).toMatchObject({ status: 'FAILED', error: 'States.Timeout', seconds: 30 });
    expect(ran.types.slice(-2)).toEqual(['TaskTimedOut', 'ExecutionFailed']);
    expect(ran.events[2]?.taskScheduledEventDetails?.timeoutInSeconds).toBe(30);
  });

  test('may be an expression, and leaves a faster task alone', async () => {
    const task = invoking('slow', { TimeoutSeconds: '{% $states.input.limit %}', End: true });
    expect((await world(slow).run({ T: task }, { limit: 101 })).output).toBe('late');
    expect((await world(slow).run({ T: task }, { limit: 99 })).error).toBe('States.Timeout');
  });

  test('does not outlive its task', async () => {
    const made = world(slow);
    await made.run({ T: invoking('slow', { TimeoutSeconds: 100_000, End: true }) });
    await made.account.clock.idle();
    expect(made.account.clock.now()).toBe(Date.UTC(2026, 0, 2, 3, 5, 45));
  });

  test('is not matched by States.TaskFailed', async () => {
    const caught = { ErrorEquals: ['States.TaskFailed'], Next: 'Caught' };
    const ran = await world(slow).run({
      T: invoking('slow', { TimeoutSeconds: 1, Catch: [caught], End: true }),
      Caught: { Type: 'Succeed' },
    });
    expect(ran.error).toBe('States.Timeout');
  });
});

describe('sns:publish', () => {
  const publish = (Message: unknown, rest: object = { End: true }) => ({
    Type: 'Task',
    Resource: 'arn:aws:states:::sns:publish',
    Arguments: { TopicArn: 'arn:topic', Message },
    ...rest,
  });

  test('publishes, an object as JSON', async () => {
    const seen: unknown[] = [];
    const sns = fake('sns', {
      Publish(input) {
        seen.push(input);
        return { MessageId: 'm-1' };
      },
    });
    const ran = await world({ sns }).run({
      T: publish({ verdict: 'PASS' }, { Output: '{% $states.result.MessageId %}', Next: 'U' }),
      U: publish('text'),
    });
    expect(seen).toEqual([
      { TopicArn: 'arn:topic', Message: '{"verdict":"PASS"}' },
      { TopicArn: 'arn:topic', Message: 'text' },
    ]);
    expect(ran.output.MessageId).toBe('m-1');
  });

  test('names errors SNS.…Exception', async () => {
    const sns = fake('sns', {
      Publish: () => {
        throw new AwsError('NotFound', 'Topic does not exist', 404);
      },
    });
    const ran = await world({ sns }).run({ T: publish('x') });
    expect(ran.error).toBe('SNS.NotFoundException');
    expect(ran.cause).toMatch(
      /^Topic does not exist \(Service: AmazonSNS; Status Code: 404; Error Code: NotFound; /,
    );
  });
});

describe('aws-sdk', () => {
  const task = (operation: string, Arguments: object = {}) => ({
    T: { Type: 'Task', Resource: `arn:aws:states:::aws-sdk:${operation}`, Arguments, End: true },
  });
  const failing =
    (code: string, status = 400) =>
    () => {
      throw new AwsError(code, 'no', status);
    };

  test('calls the operation with the arguments and gives the answer as JSON', async () => {
    const ec2 = fake('ec2', {
      DescribeImages: (input) => ({
        Images: [{ ...input, CreatedAt: new Date(0), Data: Buffer.from('hi'), Gone: undefined }],
      }),
    });
    const ran = await world({ ec2 }).run(task('ec2:describeImages', { ImageIds: ['ami-1'] }));
    expect(ran.output).toEqual({
      Images: [{ ImageIds: ['ami-1'], CreatedAt: '1970-01-01T00:00:00.000Z', Data: 'aGk=' }],
    });
    expect(ran.events[2]?.taskScheduledEventDetails).toMatchObject({
      resourceType: 'aws-sdk:ec2',
      resource: 'describeImages',
    });
  });

  test.each([
    ['s3:getObject', 'NoSuchKey', 'S3.NoSuchKeyException', 'S3'],
    ['s3:getObject', 'AccessDenied', 'S3.S3Exception', 'S3'],
    ['ec2:describeImages', 'InvalidAMIID.NotFound', 'Ec2.Ec2Exception', 'Ec2'],
    [
      'dynamodb:getItem',
      'ConditionalCheckFailedException',
      'DynamoDb.ConditionalCheckFailedException',
      'DynamoDb',
    ],
  ])('%s that fails with %s is %s', async (operation, code, error, service) => {
    const [name = '', method = ''] = operation.split(':');
    const Operation = method.charAt(0).toUpperCase() + method.slice(1);
    const ran = await world({ [name]: fake(name, { [Operation]: failing(code) }) }).run(task(operation));
    expect(ran.error).toBe(error);
    expect(ran.cause).toMatch(
      new RegExp(`^no \\(Service: ${service}, Status Code: 400, Request ID: [0-9a-f-]{36}\\)$`),
    );
  });

  test('a fault of the simulation itself ends the execution and is caught by nothing', async () => {
    const ec2 = fake('ec2', {
      DescribeImages: () => {
        throw new TypeError('a bug');
      },
    });
    const states = task('ec2:describeImages');
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }];
    const ran = await world({ ec2 }).run({ T: { ...states.T, Catch }, Caught: { Type: 'Succeed' } });
    expect([ran.status, ran.error]).toEqual(['FAILED', 'States.Runtime']);
    expect(ran.cause).toContain('TypeError: a bug');
  });
});
