/** What flows between states. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The largest payload between states, and the largest Assign: 256 KiB of UTF-8, a hard limit of Step Functions. */
export const PAYLOAD_LIMIT = 262_144;

/** Bytes of a value as JSON. */
export function bytesOf(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** A copy that holds JSON and nothing else: dates become ISO text, bytes become base64, undefined keys vanish. */
export function toJson(value: unknown): Json {
  const text = JSON.stringify(value, function (this: Record<string, unknown>, key, plain) {
    const original = this[key];
    return original instanceof Uint8Array ? Buffer.from(original).toString('base64') : plain;
  });
  return text === undefined ? null : JSON.parse(text);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
