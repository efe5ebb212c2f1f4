import type { ResourceKind } from '../ledger.ts';
import type { Remover } from './removal.ts';
import { removeEndpoint } from './removeEndpoint.ts';
import { removeImage } from './removeImage.ts';
import { removeInstance } from './removeInstance.ts';
import { removeSnapshot } from './removeSnapshot.ts';
import { removeVolume } from './removeVolume.ts';

const REMOVERS: Record<ResourceKind, Remover> = {
  instance: removeInstance,
  image: removeImage,
  snapshot: removeSnapshot,
  volume: removeVolume,
  endpoint: removeEndpoint,
  object: async () => ({ state: 'gone' }), // the run's prefix is emptied as a whole
};

/** How things of a kind are removed. */
export function removerOf(kind: ResourceKind): Remover {
  return REMOVERS[kind];
}
