import type { PoliciesFile } from '../../shared/policy/policy.ts';
import type { Schedule } from '../../shared/policy/schedule.ts';
import type { Template } from '../packaging/serverless.ts';
import { logicalWords } from './parameter.ts';

/** Logical ids of what schedules start. */
const RUN = 'PolicyRunStateMachine';
const RETENTION = 'RetentionStateMachine';
const EFS_BACKUP = 'EfsBackupStateMachine';
const WATCH = 'PolicyWatchStateMachine';

/**
 * Ends of the schedules' own logical ids, after the words of a policy. None is another's end, so that no name of a policy
 * can make the id of what is not its own: `db-expiry` does not take the place of what expires `db`.
 */
const RUNS = 'Schedule';
const EXPIRES = 'ExpiryTimes';
const WATCH_TIMES = 'PolicyWatchTimes';

interface Planned {
  logicalId: string;
  /** Of the schedule, within the deployment's group. */
  name: string;
  policy: string;
  machine: string;
  schedule: Schedule;
}

/** The schedules of all policies, that of their watch, and the one role that starts what they start. */
export function schedulesOf({ policies }: PoliciesFile): Template['Resources'] {
  const planned = Object.entries(policies).flatMap(([policy, body]): Planned[] => {
    const { schedule } = body;
    const expire = 'expire' in body ? body.expire : undefined;
    const machine = body.capture === 'efs' ? EFS_BACKUP : RUN;
    return [
      ...(schedule
        ? [{ logicalId: `${logicalWords(policy)}${RUNS}`, name: policy, policy, machine, schedule }]
        : []),
      ...(expire
        ? [
            {
              logicalId: `${logicalWords(policy)}${EXPIRES}`,
              name: `${policy}.expire`, // no policy has a dot in its name
              policy,
              machine: RETENTION,
              schedule: expire.schedule,
            },
          ]
        : []),
    ];
  });
  if (planned.length === 0) return {};
  const machines = [...new Set([...planned.map(({ machine }) => machine), WATCH])];
  return {
    ScheduleRole: { Type: 'AWS::IAM::Role', Properties: role(machines) },
    ...Object.fromEntries(
      planned.map((one) => [
        one.logicalId,
        { Type: 'AWS::Scheduler::Schedule', Properties: scheduleProperties(one) },
      ]),
    ),
    [WATCH_TIMES]: { Type: 'AWS::Scheduler::Schedule', Properties: watchProperties() },
  };
}

function scheduleProperties({ name, policy, machine, schedule }: Planned): object {
  const { cron, rate, timezone, flexibleMinutes } = schedule;
  return {
    Name: name,
    GroupName: { Ref: 'ScheduleGroup' },
    Description: `${machine === RETENTION ? 'Expires the points of' : 'Runs'} the policy ${policy}`,
    State: 'ENABLED',
    ScheduleExpression: cron !== undefined ? `cron(${cron.trim().toUpperCase()})` : `rate(${rate})`,
    ScheduleExpressionTimezone: timezone,
    FlexibleTimeWindow:
      flexibleMinutes > 0 ? { Mode: 'FLEXIBLE', MaximumWindowInMinutes: flexibleMinutes } : { Mode: 'OFF' },
    ...startOf(machine, policy, { policy }),
  };
}

function watchProperties(): object {
  return {
    Name: 'policies.watch', // no policy has a dot in its name
    GroupName: { Ref: 'ScheduleGroup' },
    Description: 'Tells of policies that are late, and of runs that could not be started',
    State: 'ENABLED',
    ScheduleExpression: 'rate(6 hours)', // a night's run that is missing is told in the morning; docs/costs.md has the price
    ScheduleExpressionTimezone: 'UTC',
    FlexibleTimeWindow: { Mode: 'OFF' },
    ...startOf(WATCH, 'watch', {}),
  };
}

/** Starts a machine, with patience. */
function startOf(machine: string, name: string, machineInput: object): object {
  const input = {
    StateMachineArn: `\${${machine}}`,
    // Of two deliveries of one event, which AWS does not rule out, each has an id of its own: the lock decides then.
    Name: `${name}-<aws.scheduler.execution-id>`,
    Input: JSON.stringify(machineInput),
  };
  return {
    Target: {
      Arn: { 'Fn::Sub': 'arn:${AWS::Partition}:scheduler:::aws-sdk:sfn:startExecution' },
      RoleArn: { 'Fn::GetAtt': ['ScheduleRole', 'Arn'] },
      Input: { 'Fn::Sub': JSON.stringify(input) },
      RetryPolicy: {
        MaximumEventAgeInSeconds: 3600, // a nightly run that begins hours late would reboot instances by day
        MaximumRetryAttempts: 20,
      },
      DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['FailedStartsQueue', 'Arn'] } },
    },
  };
}

function role(machines: string[]): object {
  return {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'scheduler.amazonaws.com' },
          Action: 'sts:AssumeRole',
          Condition: {
            StringEquals: {
              'aws:SourceAccount': { Ref: 'AWS::AccountId' },
              'aws:SourceArn': { 'Fn::GetAtt': ['ScheduleGroup', 'Arn'] },
            },
          },
        },
      ],
    },
    Policies: [
      {
        PolicyName: 'schedules',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Sid: 'StartRuns',
              Effect: 'Allow',
              Action: 'states:StartExecution',
              Resource: machines.map((Ref) => ({ Ref })),
            },
            {
              Sid: 'KeepWhatCouldNotStart',
              Effect: 'Allow',
              Action: 'sqs:SendMessage',
              Resource: { 'Fn::GetAtt': ['FailedStartsQueue', 'Arn'] },
            },
          ],
        },
      },
    ],
  };
}
