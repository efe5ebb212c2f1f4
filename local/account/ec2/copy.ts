/**
 * A copy of what an answer is made of, down to its last list and date: plain data only, which `structuredClone` would
 * take ten times as long for.
 */
export function copyOf<Data>(data: Data): Data;
export function copyOf(data: unknown): unknown {
  if (data instanceof Date) return new Date(data);
  if (Array.isArray(data)) return data.map(copyOf);
  if (typeof data !== 'object' || data === null) return data;
  const copy: Record<string, unknown> = { ...data };
  for (const key in copy) copy[key] = copyOf(copy[key]);
  return copy;
}
