const MACHINES = {
  EfsBackup: ['efs-backup', 'A backup on EFS failed or was not finished.'],
  EfsRestore: ['efs-restore', 'A restore on EFS failed.'],
  WorkerCleanup: ['worker-cleanup', 'A worker or a run on EFS could not be cleaned up after.'],
} as const;

/** Alarms of the machines on EFS: an alarm costs money, so that there are some only where a policy needs them. */
export function alarmResources(deployment: string): Record<string, { Type: string; Properties: object }> {
  return Object.fromEntries(
    Object.entries(MACHINES).map(([id, [name, what]]) => [
      `${id}Alarm`,
      {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: {
          AlarmName: `${deployment}-${name}`,
          AlarmDescription: `${what} Its execution's cause says why; docs/runbook.md what to do.`,
          Namespace: 'AWS/States',
          MetricName: 'ExecutionsFailed',
          Dimensions: [{ Name: 'StateMachineArn', Value: { Ref: `${id}StateMachine` } }],
          Statistic: 'Sum',
          Period: 300,
          EvaluationPeriods: 1,
          Threshold: 1,
          ComparisonOperator: 'GreaterThanOrEqualToThreshold',
          TreatMissingData: 'notBreaching',
          AlarmActions: [{ Ref: 'Topic' }],
        },
      },
    ]),
  );
}
