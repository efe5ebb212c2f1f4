/**
 * A copy of what an answer is made of, down to its last list and date: plain data only, which `structuredClone` would
 * take ten times as long for.
 */
export function copyOf<Data>(data: Data): Data;
export function copyOf(data: unknown): unknown {
  if (data instanceof Date) return new Date(data);
  if (Array.isArray(data)) return data.map(copyOf);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, copyOf(value)]));
}
