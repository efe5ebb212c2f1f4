import type { ComparisonFacts, DrillFacts } from './drillFacts.ts';
import type { DrillSettings } from './drillSettings.ts';
import type { ConsistencyAsked, ConsistencySeen } from './recoveryPoint.ts';
import { recoveryPointAge, recoveryTime } from './recoveryTimes.ts';

/** What a check found. Nothing looked at is a failure: it proves nothing. */
export interface Finding {
  /** How many things were looked at. */
  count: number;
  summary: string;
  failures: string[];
}

/** Looks at what a drill has seen; undefined when the drill did not come so far. */
type Check = (facts: DrillFacts, settings: DrillSettings) => Finding | undefined;

const PROOF: Record<ConsistencyAsked, ConsistencySeen> = {
  reboot: 'rebooted',
  stop: 'stopped',
  freeze: 'frozen',
  none: 'crash',
};

/** Every check of a drill; all are mandatory. */
export const CHECKS: Record<string, Check> = {
  recoveryPoint: ({ recoveryPoint, volumes }) => {
    if (!recoveryPoint || !volumes) return undefined;
    const failures = volumes.flatMap(({ volumeId, deviceName, encrypted }) => {
      const snapshot = recoveryPoint.snapshots.find((one) => one.volumeId === volumeId);
      if (!snapshot) return [`${deviceName} (${volumeId}) is in no snapshot`];
      if (!snapshot.completedAt)
        return [`${deviceName} is in ${snapshot.snapshotId}, which is not completed`];
      return encrypted && !snapshot.encrypted ? [`${snapshot.snapshotId} is not encrypted`] : [];
    });
    return {
      count: volumes.length,
      summary: `volumes of the source, looked for in ${recoveryPoint.imageId}`,
      failures,
    };
  },

  consistency: ({ recoveryPoint }) => {
    if (!recoveryPoint) return undefined;
    const { asked, seen } = recoveryPoint.consistency;
    const failures = seen === PROOF[asked] ? [] : [`asked for ${asked}, seen: ${seen}`];
    return { count: 1, summary: `asked for ${asked}, seen: ${seen}`, failures };
  },

  preBackup: ({ preBackup }) =>
    preBackup && manifestFinding(preBackup, 'entries read twice before the backup'),

  isolation: ({ isolation }) =>
    isolation && {
      count: isolation.looked,
      summary: `routes, rules and endpoints of ${isolation.subnetId}`,
      failures: [],
    },

  sourceTerminated: ({ source, terminated }) =>
    source && terminated && { count: 1, summary: `${source.instanceId} is terminated`, failures: [] },

  newInstance: ({ source, restored, recoveryPoint }) => {
    if (!source || !restored || !recoveryPoint) return undefined;
    const failures = [
      ...(restored.instanceId === source.instanceId ? [`it is ${source.instanceId} again`] : []),
      ...(restored.imageId === recoveryPoint.imageId ? [] : [`it was launched from ${restored.imageId}`]),
    ];
    return { count: 1, summary: `${restored.instanceId} from ${restored.imageId}`, failures };
  },

  volumes: ({ recoveryPoint, restored }) => {
    if (!recoveryPoint || !restored) return undefined;
    const attached = new Map(restored.volumes.map((volume) => [volume.deviceName, volume.snapshotId]));
    const failures = recoveryPoint.snapshots.flatMap(({ deviceName, snapshotId }) => {
      const from = attached.get(deviceName);
      attached.delete(deviceName);
      if (from === undefined) return [`${deviceName} is not attached (${snapshotId})`];
      return from === snapshotId
        ? []
        : [`${deviceName} is from ${from || 'nowhere'}, not from ${snapshotId}`];
    });
    for (const device of attached.keys()) failures.push(`${device} is not in the recovery point`);
    return {
      count: recoveryPoint.snapshots.length,
      summary: 'volumes of the copy, compared with the snapshots',
      failures,
    };
  },

  fileSystems: ({ inspection }, { paths }) => {
    if (!inspection) return undefined;
    const failures = paths.flatMap((path) => {
      const mount = inspection.mounts.find((one) => one.path === path);
      if (!mount) return [`${path} was not looked at`];
      if (!mount.mounted) return [`${path}: its file system is not mounted`];
      return mount.clean ? [] : [`${path}: ${mount.device} is not clean`];
    });
    return {
      count: paths.length,
      summary: 'paths, each on a file system that must be mounted and clean',
      failures,
    };
  },

  manifest: ({ comparison }) => comparison && manifestFinding(comparison, 'entries compared'),

  nonce: ({ comparison }) =>
    comparison?.nonce && {
      count: comparison.nonce.compared,
      summary: "paths, each searched for this backup's nonce",
      failures: comparison.nonce.failures,
    },

  fingerprint: ({ restored }) => {
    if (!restored) return undefined;
    const { differences, matches } = restored.fingerprint;
    const meant = differences.filter((difference) => difference.onPurpose).length;
    const failures = differences
      .filter((difference) => !difference.onPurpose)
      .map(({ field, expected, actual }) => `${field} was ${expected}, is ${actual}`);
    if (!matches && failures.length === 0) failures.push('it does not match');
    return {
      count: 1,
      summary: `launch compared with the source's, ${meant} of its fields other on purpose`,
      failures,
    };
  },

  rto: (facts, settings) => timeFinding(recoveryTime(facts, settings), 'to recover'),
  rpo: (facts, settings) => timeFinding(recoveryPointAge(facts, settings), 'of work lost'),

  leftovers: ({ cleanup, sweep }) => {
    if (!cleanup || !sweep) return undefined;
    const failures = [
      ...sweep.leftovers.map(({ kind, id, state }) => `${kind} ${id} is ${state}`),
      ...sweep.disagreements,
      ...cleanup.remaining.map(
        ({ kind, id, key, reason }) => `${kind} ${id ?? key} was not removed: ${reason}`,
      ),
    ];
    return {
      count: sweep.ledger,
      summary:
        failures.length === 0 ? 'things were made, all are gone' : 'things were made, not all are gone',
      failures,
    };
  },
};

function manifestFinding(comparison: ComparisonFacts, what: string): Finding {
  const { compared, missing, extra, changed, inFlux, failures } = comparison;
  const different = missing + extra + changed + inFlux;
  const counts = `${missing} missing, ${extra} extra, ${changed} changed, ${inFlux} in flux`;
  const unnamed = different - failures.length;
  return {
    count: compared,
    summary: different === 0 ? `${what}, all equal` : `${what}: ${counts}`,
    failures: unnamed > 0 ? [...failures.slice(0, 19), `and ${different - 19} more`] : failures,
  };
}

function timeFinding(
  time: { seconds: number; objectiveSeconds: number } | undefined,
  what: string,
): Finding | undefined {
  if (!time) return undefined;
  const { seconds, objectiveSeconds } = time;
  const late = seconds > objectiveSeconds;
  return {
    count: 1,
    summary: `${Math.round(seconds)} s ${what}, the objective is ${objectiveSeconds} s`,
    failures: late ? [`${Math.round(seconds - objectiveSeconds)} s over the objective`] : [],
  };
}
