import { isObject, type Json } from '../../asl/json.ts';
import type { Transformer } from './events.ts';

/** What an input transformer makes of an event. A template that is one JSON string arrives without its quotes. */
export function transformed(event: object, { paths, template }: Transformer): string {
  const filled = template.replaceAll(/<(\w+)>/g, (_, name: string) => {
    const value = at(JSON.parse(JSON.stringify(event)), paths[name] ?? '');
    return typeof value === 'string' ? JSON.stringify(value).slice(1, -1) : JSON.stringify(value ?? null);
  });
  const made: unknown = JSON.parse(filled);
  return typeof made === 'string' ? made : filled;
}

/** The value at a path of names, `$.detail.status`. */
function at(event: Json, path: string): Json | undefined {
  const names = path.split('.').slice(1);
  return names.reduce<Json | undefined>((value, name) => (isObject(value) ? value[name] : undefined), event);
}
