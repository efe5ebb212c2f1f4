import * as v from 'valibot';

/** A whole number of a unit between two, both allowed; every fault of it says which. */
export function within(least: number, most: number, unit: string) {
  const words = `must be a whole number of ${unit}, ${least} to ${most}`;
  return v.pipe(v.number(words), v.integer(words), v.minValue(least, words), v.maxValue(most, words));
}
