import { expect, test } from '@jest/globals';
import * as v from 'valibot';
import { schedulesOf } from '../../../resources/policies/schedules.ts';
import { policiesFile } from '../../../shared/policy/policy.ts';

const of = (policies: object) => schedulesOf(v.parse(policiesFile, { policies }));
const small = { capture: 'ami', keep: { days: 7 } };
const cron = { cron: ' 15 1 ? * mon-fri *', timezone: 'Europe/Vienna' };

test('a policy with a schedule gets one that starts its run, under a name of its own', () => {
  const { EveryNightSchedule: schedule } = of({ 'every-night': { ...small, schedule: cron } });
  expect(schedule).toMatchObject({
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      Name: 'every-night',
      GroupName: { Ref: 'ScheduleGroup' },
      ScheduleExpression: 'cron(15 1 ? * MON-FRI *)',
      ScheduleExpressionTimezone: 'Europe/Vienna',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Input: {
          'Fn::Sub':
            '{"StateMachineArn":"${PolicyRunStateMachine}","Name":"every-night-<aws.scheduler.execution-id>","Input":"{\\"policy\\":\\"every-night\\"}"}',
        },
        RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 20 },
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['FailedStartsQueue', 'Arn'] } },
      },
    },
  });
});

test('retention alone has a schedule besides, and the role may start both machines and the watch, but nothing else', () => {
  const resources = of({
    nightly: {
      ...small,
      schedule: { ...cron, flexibleMinutes: 15 },
      expire: { schedule: { rate: '1 day' } },
    },
  });
  expect(Object.keys(resources)).toEqual([
    'ScheduleRole',
    'NightlySchedule',
    'NightlyExpiryTimes',
    'PolicyWatchTimes',
  ]);
  expect(resources.NightlySchedule).toMatchObject({
    Properties: { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 } },
  });
  expect(resources.NightlyExpiryTimes).toMatchObject({
    Properties: {
      Name: 'nightly.expire',
      ScheduleExpression: 'rate(1 day)',
      Target: { Input: { 'Fn::Sub': expect.stringContaining('${RetentionStateMachine}') } },
    },
  });
  expect(resources.ScheduleRole).toMatchObject({
    Properties: {
      Policies: [
        {
          PolicyDocument: {
            Statement: [
              {
                Action: 'states:StartExecution',
                Resource: [
                  { Ref: 'PolicyRunStateMachine' },
                  { Ref: 'RetentionStateMachine' },
                  { Ref: 'PolicyWatchStateMachine' },
                ],
              },
              { Action: 'sqs:SendMessage', Resource: { 'Fn::GetAtt': ['FailedStartsQueue', 'Arn'] } },
            ],
          },
        },
      ],
    },
  });
});

test('where something is scheduled, the watch is too: four times a day, with word where it cannot start', () => {
  const { PolicyWatchTimes: schedule } = of({ nightly: { ...small, schedule: cron } });
  expect(schedule).toMatchObject({
    Properties: {
      Name: 'policies.watch',
      ScheduleExpression: 'rate(6 hours)',
      Target: {
        Input: { 'Fn::Sub': expect.stringContaining('${PolicyWatchStateMachine}') },
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['FailedStartsQueue', 'Arn'] } },
      },
    },
  });
});

test('no policy takes the place of what is not its own by its name', () => {
  const scheduled = { ...small, schedule: cron };
  const expire = { schedule: { rate: '1 day' } };
  const names = [
    'policy-watch',
    'policy-watch-times',
    'db',
    'db-expiry',
    'db-expiry-times',
    'policy',
    'schedule',
  ];
  const resources = of(Object.fromEntries(names.map((name) => [name, { ...scheduled, expire }])));
  const made = Object.values(resources).flatMap(({ Type, Properties }) =>
    Type === 'AWS::Scheduler::Schedule' && 'Name' in Properties ? String(Properties.Name) : [],
  );
  expect(made.sort()).toEqual([...names, ...names.map((name) => `${name}.expire`), 'policies.watch'].sort());
});

test('a policy that is only run by hand has none, and then nobody needs the role', () => {
  expect(of({ byhand: small })).toEqual({});
});
