import * as v from 'valibot';
import { nearest } from './nearest.ts';

/** What placeholders stand for. */
export interface TemplateValues {
  account: string;
  region: string;
  /** `<service>-<stage>`, as `{stack}`. */
  deployment: string;
  policy: string;
  runId: string;
  instanceId: string;
  /** The moment that the dates and times tell, in UTC. */
  at: Date;
  /** What only tags of a volume or tags put on when all is done can tell. */
  volumeId?: string | undefined;
  device?: string | undefined;
  imageId?: string | undefined;
  snapshotId?: string | undefined;
}

/** Known everywhere. */
const COMMON: Record<string, (values: TemplateValues) => string> = {
  account: ({ account }) => account,
  region: ({ region }) => region,
  stack: ({ deployment }) => deployment,
  policy: ({ policy }) => policy,
  run: ({ runId }) => runId,
  'instance-id': ({ instanceId }) => instanceId,
  date: ({ at }) => digits(at, 0, 8),
  time: ({ at }) => digits(at, 8, 14),
  datetime: ({ at }) => digits(at, 0, 14),
  year: ({ at }) => digits(at, 0, 4),
  month: ({ at }) => digits(at, 4, 6),
  day: ({ at }) => digits(at, 6, 8),
  hour: ({ at }) => digits(at, 8, 10),
  minute: ({ at }) => digits(at, 10, 12),
  second: ({ at }) => digits(at, 12, 14),
  weekday: ({ at }) => ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][at.getUTCDay()] ?? '',
  'iso-date': ({ at }) => at.toISOString().slice(0, 10),
  'iso-datetime': ({ at }) => at.toISOString().slice(0, 19),
};

/** Known once the point is there, so only to what is put on the instance and its volumes then. */
const OF_INSTANCE: typeof COMMON = { ...COMMON, 'image-id': ({ imageId }) => imageId ?? '' };
const OF_VOLUME: typeof COMMON = {
  ...OF_INSTANCE,
  'volume-id': ({ volumeId }) => volumeId ?? '',
  device: ({ device }) => device ?? '',
  'snapshot-id': ({ snapshotId }) => snapshotId ?? '',
};

/** A text for names, descriptions and tags of recovery points. */
export const pointTemplate = template(COMMON);
/** A text for tags that an instance gets when it is backed up. */
export const instanceTemplate = template(OF_INSTANCE);
/** A text for tags that a volume gets when it is backed up. */
export const volumeTemplate = template(OF_VOLUME);

function template(known: typeof COMMON) {
  return v.pipe(
    v.string('must be text; put a number, true or false in quotes'),
    v.maxLength(255, 'is longer than 255 characters'),
    v.check(
      (text) => unknownIn(text, known) === undefined,
      ({ input }) => {
        const name = unknownIn(String(input), known) ?? '';
        const names = Object.keys(known);
        const meant = nearest(name, names);
        const remedy = meant === undefined ? `use ${names.join(', ')}` : `did you mean {${meant}}?`;
        return `{${name}} stands for nothing here; ${remedy}`;
      },
    ),
  );
}

function unknownIn(text: string, known: typeof COMMON): string | undefined {
  const names = [...text.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name);
  return names.find((name) => !Object.hasOwn(known, name));
}

/** A template with its placeholders replaced; what a value lacks becomes nothing. */
export function expand(text: string, values: TemplateValues): string {
  return text.replaceAll(/\{([^{}]*)\}/g, (whole, name: string) =>
    Object.hasOwn(OF_VOLUME, name) ? (OF_VOLUME[name]?.(values) ?? '') : whole,
  );
}

/** What placeholders stand for at their longest. */
const LONGEST: TemplateValues = {
  account: '0'.repeat(12),
  region: '-'.repeat(16), // ap-southeast-1 has 14 characters, and is among the longest
  deployment: '-'.repeat(40), // a stage has 20, see cli/place.ts
  policy: '-'.repeat(30),
  runId: '-'.repeat(50),
  instanceId: '-'.repeat(19),
  at: new Date(0),
  volumeId: '-'.repeat(21),
  device: '-'.repeat(16),
  imageId: '-'.repeat(21),
  snapshotId: '-'.repeat(22),
};

/** How many characters a template can become at most. */
export function longestExpansion(text: string): number {
  return [...expand(text, LONGEST)].length;
}

/** All values of some tags expanded. */
export function expandTags(tags: Record<string, string>, values: TemplateValues): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([key, text]) => [key, expand(text, values)]));
}

const NAME_LIMIT = 128;
/** What CreateImage takes in a name: letters, digits and ( ) [ ] space . / - ' @ _ */
const NOT_IN_NAMES = /[^A-Za-z0-9()[\] ./\-'@_]/g;

/**
 * An image's name, 3 to 128 characters of those that CreateImage takes, others become `-`. It names instance and run,
 * at its end unless the template does, so that a repeated call finds what the first one made, and no two are the same.
 */
export function imageName(text: string, values: TemplateValues): string {
  const clean = expand(text, values).replaceAll(NOT_IN_NAMES, '-').trim();
  const unnamed = [];
  if (!text.includes('{instance-id}')) unnamed.push(values.instanceId);
  if (!text.includes('{run}')) unnamed.push(values.runId);
  if (unnamed.length === 0 && clean.length <= NAME_LIMIT) return clean;
  const end = (unnamed.length === 0 ? [values.instanceId, values.runId] : unnamed).join(' ');
  return `${clean.slice(0, NAME_LIMIT - end.length - 1).trimEnd()} ${end}`.trim();
}

/** A description, 255 characters at most; what AWS refuses besides ASCII becomes `?`. */
export function description(text: string, values: TemplateValues): string {
  return expand(text, values)
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .slice(0, 255);
}

/** Digits of a moment, YYYYMMDDhhmmss. */
function digits(at: Date, from: number, to: number): string {
  return at.toISOString().replaceAll(/\D/g, '').slice(from, to);
}
