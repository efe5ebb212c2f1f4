import { matchesPattern } from '../policy/wildcard.ts';

/** Tags that AWS or this product keeps for itself are nobody's to copy. */
const RESERVED = /^(aws:|backup-drill:)/i;

/** Those of a resource's tags that a policy copies: all, or the ones whose keys match; never reserved ones. */
export function copiedTags(
  tags: Readonly<Record<string, string>>,
  which: true | readonly string[] | undefined,
): Record<string, string> {
  if (which === undefined) return {};
  const wanted = (key: string) => which === true || which.some((pattern) => matchesPattern(pattern, key));
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !RESERVED.test(key) && wanted(key)));
}
