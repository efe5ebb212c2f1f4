/**
 * Jest runs tests in a realm of their own, to whose classes what `structuredClone` makes does not belong: a cloned
 * date is then no `Date` to the SDK. Importing this file gives the tests' realm a clone of its own.
 */
function clone(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clone);
  if (value instanceof Date) return new Date(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, clone(inner)]));
}

globalThis.structuredClone = clone as typeof structuredClone;
