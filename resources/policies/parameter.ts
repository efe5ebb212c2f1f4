/** Bytes of a parameter's value in the standard tier, which costs nothing. */
export const PARAMETER_LIMIT = 4096;

/** A policy as its parameter holds it: what the file says; defaults are those of the code that reads it. */
export function parameterValue(name: string, tagKey: string, raw: object): string {
  return JSON.stringify({ name, tagKey, ...raw });
}

/** The words of a policy's name as logical ids in the template have them: `every-night` becomes `EveryNight`. */
export function logicalWords(name: string): string {
  return name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
