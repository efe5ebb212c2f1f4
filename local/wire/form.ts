import type { NormalizedSchema } from '@smithy/core/schema';

/** Query strings of EC2 flatten lists and capitalise names; those of other services say `.member.` and do not. */
export type Dialect = 'ec2' | 'query';

function memberName(dialect: Dialect, member: NormalizedSchema, key: string): string {
  const traits = member.getMergedTraits();
  if (dialect === 'query') return String(traits.xmlName ?? key);
  if (traits.ec2QueryName) return String(traits.ec2QueryName);
  const name = String(traits.xmlName ?? key);
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Reads a form by its schema: `{ InstanceIds: ['i-1'] }` of `InstanceId.1=i-1`; undefined when nothing is there. */
export function decodeForm(
  schema: NormalizedSchema,
  form: Map<string, string>,
  dialect: Dialect,
  prefix = '',
): unknown {
  if (schema.isStructSchema()) return decodeStructure(schema, form, dialect, prefix);
  if (schema.isListSchema()) return decodeList(schema, form, dialect, prefix);
  if (schema.isMapSchema()) return decodeMap(schema, form, dialect, prefix);
  const value = form.get(prefix);
  if (value === undefined) return undefined;
  if (schema.isNumericSchema()) return Number(value);
  if (schema.isBooleanSchema()) return value === 'true';
  if (schema.isTimestampSchema()) return new Date(value);
  if (schema.isBlobSchema()) return Buffer.from(value, 'base64');
  return value;
}

function present(form: Map<string, string>, prefix: string): boolean {
  if (form.has(prefix)) return true;
  for (const key of form.keys()) if (key.startsWith(`${prefix}.`)) return true;
  return false;
}

function decodeStructure(
  schema: NormalizedSchema,
  form: Map<string, string>,
  dialect: Dialect,
  prefix: string,
): unknown {
  if (prefix && !present(form, prefix)) return undefined;
  const result: Record<string, unknown> = {};
  for (const [key, member] of schema.structIterator()) {
    const name = memberName(dialect, member, key);
    const value = decodeForm(member, form, dialect, prefix ? `${prefix}.${name}` : name);
    if (value !== undefined) result[key] = value;
  }
  return result;
}

function decodeList(schema: NormalizedSchema, form: Map<string, string>, dialect: Dialect, prefix: string) {
  const item = schema.getValueSchema();
  const flat = dialect === 'ec2' || schema.getMergedTraits().xmlFlattened;
  const base = flat ? prefix : `${prefix}.${item.getMergedTraits().xmlName ?? 'member'}`;
  const items: unknown[] = [];
  for (let index = 1; ; index++) {
    const value = decodeForm(item, form, dialect, `${base}.${index}`);
    if (value === undefined) break;
    items.push(value);
  }
  return items.length > 0 ? items : undefined;
}

function decodeMap(schema: NormalizedSchema, form: Map<string, string>, dialect: Dialect, prefix: string) {
  const base = schema.getMergedTraits().xmlFlattened ? prefix : `${prefix}.entry`;
  const entries: Record<string, unknown> = {};
  for (let index = 1; ; index++) {
    const key = form.get(`${base}.${index}.key`);
    if (key === undefined) break;
    entries[key] = decodeForm(schema.getValueSchema(), form, dialect, `${base}.${index}.value`);
  }
  return Object.keys(entries).length > 0 ? entries : undefined;
}
