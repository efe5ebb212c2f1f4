import type { Policy } from '../policy/policy.ts';

/**
 * How the instances of a batch are captured: by bursts of calls alone, or one by one, where something has to be done on
 * the instance itself before and after the capture.
 */
export function wayOf({ consistency, validate, documents }: Policy): 'burst' | 'one-by-one' {
  return consistency === 'none' && !validate && !documents ? 'burst' : 'one-by-one';
}
