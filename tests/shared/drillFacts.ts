import type { DrillFacts } from '../../shared/drillFacts.ts';
import type { DrillSettings } from '../../shared/drillSettings.ts';

/** Virtual instants of a drill, by seconds from its beginning. */
export const at = (seconds: number) => new Date(Date.UTC(2026, 0, 2, 3, 0, seconds)).toISOString();

export const settings: DrillSettings = {
  runId: 'run-1',
  executionArn: 'arn:aws:states:eu-west-1:123456789012:execution:backup-drill-dev-dr-drill:run-1',
  startedAt: at(0),
  mode: 'sandbox',
  consistency: 'reboot',
  rpoSeconds: 3600,
  rtoSeconds: 1800,
  instanceType: 't4g.small',
  imageParameter: '/aws/service/image',
  endpoints: 'create',
  paths: ['/srv', '/data1'],
  dataVolumes: [{ deviceName: '/dev/sdf', path: '/data1' }],
};

const snapshot = (number: number, deviceName: string) => ({
  snapshotId: `snap-${number}`,
  volumeId: `vol-${number}`,
  deviceName,
  sizeGiB: 8,
  encrypted: true,
  startTime: at(500),
  completedAt: at(800),
});
const volume = (number: number, deviceName: string) => ({
  volumeId: `vol-${number}`,
  deviceName,
  sizeGiB: 8,
  encrypted: true,
});
const equal = { compared: 100, missing: 0, extra: 0, changed: 0, inFlux: 0, failures: [] };
const mount = (path: string) => ({ path, mounted: true, clean: true, device: '/dev/nvme1n1' });

/** What a drill has seen in which everything went well. */
export const facts = {
  endpoints: { endpointIds: ['vpce-1'], created: 1 },
  isolation: { looked: 7, subnetId: 'subnet-1', instanceProfile: 'sandbox' },
  source: { instanceId: 'i-1', imageId: 'ami-0a0a0a0a', launchTime: at(100), accountId: '123456789012' },
  volumes: [volume(1, '/dev/sdf'), volume(2, '/dev/xvda')],
  seeded: { entries: 100, bytes: 1000 },
  preBackup: { ...equal, comparedAt: at(450) },
  recoveryPoint: {
    imageId: 'ami-1a1a1a1a',
    resource: 'i-1',
    createdAt: at(500),
    consistency: { asked: 'reboot' as const, seen: 'rebooted' as const },
    snapshots: [snapshot(1, '/dev/sdf'), snapshot(2, '/dev/xvda')],
    fingerprintKey: 'points/i-1/run-1/fingerprint.json',
    nonce: 'n0',
  },
  accepted: { acceptedAt: at(1000) },
  terminated: { terminatedAt: at(1040) },
  restored: {
    instanceId: 'i-2',
    imageId: 'ami-1a1a1a1a',
    launchedAt: at(1042),
    runningAt: at(1060),
    statusOkAt: at(1200),
    onlineAt: at(1090),
    volumes: [
      { volumeId: 'vol-8', deviceName: '/dev/sdf', snapshotId: 'snap-1' },
      { volumeId: 'vol-9', deviceName: '/dev/xvda', snapshotId: 'snap-2' },
    ],
    fingerprint: { matches: true, differences: [] },
  },
  inspection: { bootId: 'b', mounts: [mount('/srv'), mount('/data1')] },
  comparison: { ...equal, nonce: { compared: 2, failures: [] }, comparedAt: at(1210) },
  cleanup: { removed: 6, remaining: [], lookedAt: at(1300) },
  sweep: { leftovers: [], disagreements: [], ledger: 6, lookedAt: at(1310) },
} satisfies DrillFacts;
