import * as v from 'valibot';
import type { Batch, BatchItem } from '../../../shared/batch/batch.ts';
import type { Config } from '../../../shared/config.ts';
import { policy } from '../../../shared/policy/policy.ts';

export const NOW = new Date('2026-01-02T03:04:05.000Z');

/** `seconds` after NOW, ISO 8601. */
export const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000).toISOString();

export const config = {
  deployment: 'backup-drill-dev',
  version: '1.0.0',
  region: 'eu-west-1',
} as Config; // what the pure functions read of it

export const volume = (number: number, tags: Record<string, string> = {}) => ({
  volumeId: `vol-0000000000000000${number}`,
  deviceName: number === 0 ? '/dev/xvda' : `/dev/sd${'efgh'[number]}`,
  sizeGiB: 8,
  encrypted: false,
  tags,
});

/** An instance that waits for its capture. */
export function item(number: number, more: Partial<BatchItem> = {}): BatchItem {
  return {
    instanceId: `i-0000000000000000${number}`,
    running: true,
    rootDeviceName: '/dev/xvda',
    volumes: [volume(0), volume(1)],
    leftOut: [],
    tags: {},
    state: 'selected',
    ...more,
  };
}

export function batchOf(items: BatchItem[], more: object = {}): Batch {
  return {
    runId: 'run-1',
    policy: v.parse(policy, {
      name: 'nightly',
      capture: 'ami',
      consistency: 'none',
      keep: { days: 1 },
      ...more,
    }),
    region: 'eu-west-1',
    accountId: '123456789012',
    name: 'eu-west-1-0',
    fingerprintKey: 'points/batches/run-1/eu-west-1-0.launches.json',
    items,
  };
}
