import type { Policy } from './policy.ts';

/**
 * What a policy asks for that is done on the instance itself, one by one, and so only in the Region of the stage, whose
 * documents and keys it needs; in the policy's own words.
 */
export function askedOfOwnRegion({
  consistency,
  documents,
  validate,
}: Pick<Policy, 'consistency' | 'documents' | 'validate'>): string[] {
  return [
    ...(consistency === 'none' ? [] : [`consistency ${consistency}`]),
    ...(documents ? ['documents'] : []),
    ...(validate ? ['validate'] : []),
  ];
}
