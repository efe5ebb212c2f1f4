/** The names by which a deployed stage is found; `resources/` and `statemachines/` give the same ones. */
export interface StageNames {
  deployment: string;
  drill: string;
  restore: string;
  backup: string;
  policyRun: string;
  retention: string;
  rebuildIndex: string;
  efsBackup: string;
  efsRestore: string;
  runsTable: string;
  pointsTable: string;
  /** Bucket for data on its way to a drill's source instance. */
  stagingBucket(accountId: string, region: string): string;
}

export function stageNames(stage: string): StageNames {
  const deployment = `backup-drill-${stage}`;
  return {
    deployment,
    drill: `${deployment}-dr-drill`,
    restore: `${deployment}-restore`,
    backup: `${deployment}-ami-backup`,
    policyRun: `${deployment}-policy-run`,
    retention: `${deployment}-retention`,
    rebuildIndex: `${deployment}-rebuild-index`,
    efsBackup: `${deployment}-efs-backup`,
    efsRestore: `${deployment}-efs-restore`,
    runsTable: `${deployment}-runs`,
    pointsTable: `${deployment}-points`,
    stagingBucket: (accountId, region) => `${deployment}-staging-${accountId}-${region}`,
  };
}
