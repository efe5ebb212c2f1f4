import { createHash } from 'node:crypto';
import jsonata from 'jsonata';
import { seededRandom } from '../account/random.ts';
import { seededUuid } from './uuid.ts';

const HASHES: Record<string, string> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};
const fromMillis = jsonata('$fromMillis($at, $picture, $zone)');

/**
 * The functions that Step Functions adds to JSONata, those that read a clock or chance (here the account's), and
 * `$eval`, which it takes away.
 */
export function statesFunctions(world: { now: () => number; random: () => number }) {
  return {
    partition(list: unknown[], size: number) {
      if (!Array.isArray(list) || !(size >= 1))
        throw new Error('$partition takes an array and a size of 1 or more');
      const chunk = Math.floor(size);
      return Array.from({ length: Math.ceil(list.length / chunk) }, (_, at) =>
        list.slice(at * chunk, (at + 1) * chunk),
      );
    },
    range(first: number, last: number, step = 1) {
      const count = Math.floor((last - first) / step) + 1;
      // 1,000 elements at most, as in States.ArrayRange.
      if (!Number.isFinite(count) || count > 1000) throw new Error('$range gives at most 1000 elements');
      return Array.from({ length: Math.max(0, count) }, (_, at) => first + at * step);
    },
    hash(text: string, algorithm: string) {
      const name = HASHES[algorithm];
      if (typeof text !== 'string' || !name)
        throw new Error(`$hash does not know the algorithm ${algorithm}`);
      return createHash(name).update(text).digest('hex');
    },
    random: (seed?: number) => (seed === undefined ? world.random() : seededRandom(seed)()),
    uuid: () => seededUuid(world.random),
    parse: (text: string) => JSON.parse(text),
    now: (picture?: string, zone?: string) =>
      fromMillis.evaluate(undefined, { at: world.now(), picture, zone }),
    millis: () => world.now(),
    eval: undefined,
  };
}
