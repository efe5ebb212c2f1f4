import type { NormalizedSchema } from '@smithy/core/schema';
import type { OperationSchema } from './clients.ts';

/** Writes a value as what stands in its element; undefined members leave no element. */
type Writer = (value: unknown) => string;

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
  '<': '&lt;',
  '>': '&gt;',
  '\r': '&#x0D;',
  '\n': '&#x0A;',
  '\u0085': '&#x85;',
  '\u2028': '&#x2028;',
};

/** Writers by the schemas of their structures, made once: EC2 answers a thousand resources a page. */
const structures = new Map<unknown, Writer>();

/**
 * An answer of EC2 as XML, `<DescribeImagesResponse xmlns=…>…</DescribeImagesResponse>`: what the SDK's own serializer
 * writes, without its tree of nodes, which takes longer for a page than everything else together.
 */
export function writeEc2Answer(
  operation: string,
  schema: OperationSchema['output'],
  output: unknown,
  xmlns: string,
): string {
  const name = `${operation}Response`;
  const inside = schema.isStructSchema() ? structure(schema)(output ?? {}) : '';
  return `<${name} xmlns="${xmlns}">${inside}</${name}>`;
}

function structure(schema: NormalizedSchema): Writer {
  const key = schema.getSchema();
  const known = structures.get(key);
  if (known) return known;
  let members: { name: string; write: Writer }[] | undefined;
  const writer = (value: unknown) => {
    // Made when first used, since structures may hold themselves.
    members ??= [...schema.structIterator()].map(([name, member]) => ({ name, write: element(member) }));
    if (!isRecord(value)) return '';
    let text = '';
    for (const { name, write } of members) {
      const found = value[name];
      if (found !== undefined && found !== null) text += write(found);
    }
    return text;
  };
  structures.set(key, writer);
  return writer;
}

/** A member with its own element around it. */
function element(member: NormalizedSchema): Writer {
  const name = nameOf(member, member.getMemberName());
  const write = member.isListSchema() ? list(member) : inner(member);
  return (value) => wrapped(name, write(value));
}

function list(schema: NormalizedSchema): Writer {
  const of = schema.getValueSchema();
  const name = nameOf(of, 'member');
  const write = inner(of);
  return (values) => {
    if (!Array.isArray(values)) return '';
    let text = '';
    for (const value of values)
      if (value !== undefined && value !== null) text += wrapped(name, write(value));
    return text;
  };
}

function inner(schema: NormalizedSchema): Writer {
  if (schema.isStructSchema()) return structure(schema);
  if (schema.isListSchema() || schema.isMapSchema() || schema.isBlobSchema())
    throw new Error(`${schema.getName(true)}: EC2 answers nothing of this kind`);
  return (value) => (value instanceof Date ? value.toISOString().replace('.000Z', 'Z') : escaped(`${value}`));
}

function nameOf(schema: NormalizedSchema, otherwise: string): string {
  const { xmlName } = schema.getMergedTraits();
  return typeof xmlName === 'string' ? xmlName : otherwise;
}

function wrapped(name: string, inside: string): string {
  return `<${name}>${inside}</${name}>`;
}

function escaped(text: string): string {
  return text.replace(/[&"'<>\r\n\u0085\u2028]/g, (found) => ESCAPES[found] ?? found);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
