import type { Instance } from '@aws-sdk/client-ec2';
import * as v from 'valibot';

/** What may be waited for of an instance; `status-ok` is running with all status checks passed. */
export const wantedState = v.picklist(['running', 'status-ok', 'stopped', 'terminated']);
export type WantedState = v.InferOutput<typeof wantedState>;

/** States from which an instance does not come to the wanted one by itself. */
const DEAD_ENDS: Record<WantedState, readonly string[]> = {
  running: ['stopping', 'stopped', 'shutting-down', 'terminated'],
  'status-ok': ['stopping', 'stopped', 'shutting-down', 'terminated'],
  stopped: ['shutting-down', 'terminated'],
  terminated: [],
};

/** The state of an instance. One that is no longer listed was terminated long ago; a new one is not listed yet. */
export function stateOf(instance: Instance | undefined, wanted: WantedState): string {
  return instance?.State?.Name ?? (wanted === 'terminated' ? 'terminated' : 'pending');
}

/** Why the instance will not come to the wanted state, in EC2's words; undefined when it may. */
export function deadEnd(instance: Instance | undefined, wanted: WantedState): string | undefined {
  const state = stateOf(instance, wanted);
  if (!DEAD_ENDS[wanted].includes(state)) return undefined;
  const reason = instance?.StateReason?.Message ?? instance?.StateTransitionReason;
  return `is ${state} instead of ${wanted}: ${reason || 'EC2 gives no reason'}`;
}
