/** The terminating hook of every worker group. */
export const WORKER_HOOK = 'worker-cleanup';

/** Where the worker mounts the two file systems. */
export const MOUNTS = { source: '/mnt/source', destination: '/mnt/destination' } as const;

/** The Auto Scaling group of a policy's worker. */
export function workerGroup(deployment: string, policy: string): string {
  return `${deployment}-efs-${policy}`;
}

/** The policy whose worker a group launches. @throws Error for a group that is not of this deployment's workers */
export function policyOfGroup(deployment: string, group: string): string {
  const prefix = `${deployment}-efs-`;
  if (!group.startsWith(prefix)) throw new Error(`${group} is no worker group of ${deployment}`);
  return group.slice(prefix.length);
}

/** A run's id: the end of its execution's name, which differs, as far as names and comments of commands have room. */
export function runIdOf(executionName: string): string {
  return executionName.slice(-50);
}

/** What the lock of a policy's file systems, worker and folder is on. */
export function efsLock(policy: string): string {
  return `efs-${policy}`;
}

/** What a policy's generations are points of, in the index of points. */
export function efsResource(policy: string): string {
  return `efs/${policy}`;
}

/** Where the worker's logs of a run are kept, in the staging bucket. */
export function logsKey(policy: string, runId: string): string {
  return `logs/efs/${policy}/${runId}.tar.gz`;
}

/** A generation is named by the instant at which its run began: `20261124T011500Z`. */
export function generationAt(at: Date): string {
  return `${at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

/** The instant that names a generation, ISO 8601. */
export function instantOf(generation: string): string {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(generation) ?? [];
  return `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
}

/** The folder of a policy's generations, below the destination. */
export function folderOf(prefix: string, policy: string): string {
  return `${prefix}/${policy}`;
}
