/**
 * A policy run over 1,000 instances whose images all take 48 hours, as first copies of large disks do.
 *
 * - `maxHistoryEvents`: events in the history of the execution that has most; Step Functions ends one at 25,000.
 * - `maxPayloadBytes`: the largest input or output of any state; Step Functions allows 262,144 bytes.
 */
import type { Figures } from '../figure.ts';
import { fleetWorld, runPolicy } from '../policyRun.ts';

const DAYS_2 = 48 * 3600;

export async function figures(): Promise<Figures> {
  const world = await fleetWorld({ 'eu-west-1': 1000 }, { imageAvailable: [DAYS_2, DAYS_2] });
  const ended = await runPolicy(world, 'nightly', 'night');
  const { largest } = world.local.account.meter;
  await world.local.close();
  if (ended.status !== 'SUCCEEDED') throw new Error(`the run ended ${ended.status}: ${ended.cause}`);
  return {
    maxHistoryEvents: {
      value: largest.get('states:history') ?? Number.NaN,
      unit: '',
      what: 'events of the longest history, 1,000 images pending for 48 h',
      goal: { atMost: 2500 },
      baseline: '25,000, the limit; a poll every 30 s meets it after 23 h',
    },
    maxPayloadBytes: {
      value: largest.get('states:payload') ?? Number.NaN,
      unit: 'bytes',
      what: 'largest input or output of a state in the same run',
      goal: { atMost: 131_072 },
      baseline: '262,144, the limit',
    },
  };
}
