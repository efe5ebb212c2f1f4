import type { Image, Snapshot } from '@aws-sdk/client-ec2';
import { TAG, type Tag, tagValue } from '../tags.ts';
import type { Point } from './point.ts';

/** What is known of images and snapshots beside what describes them. */
export interface Holds {
  /** Ids of snapshots under Snapshot Lock. */
  locked: ReadonlySet<string>;
  /** Ids of images and snapshots that are the source of a copy under way. */
  sources: ReadonlySet<string>;
}

export const NOTHING_HELD: Holds = { locked: new Set(), sources: new Set() };

/** The recovery point that an image is, by its tags; `resource` falls back on the instance that AWS remembers. */
export function pointOfImage(image: Image, { locked, sources }: Holds): Point {
  const id = copied(image.ImageId ?? '');
  const tag = reader(image.Tags);
  const snapshotIds = (image.BlockDeviceMappings ?? []).flatMap(({ Ebs }) =>
    Ebs?.SnapshotId ? copied(Ebs.SnapshotId) : [],
  );
  return {
    id,
    kind: 'ami',
    snapshotIds,
    resource: tag(TAG.resource) ?? image.SourceInstanceId ?? 'unknown',
    owner: tag(TAG.deployment),
    policy: tag(TAG.policy),
    createdAt: earliest(tag(TAG.created), image.CreationDate),
    status: tag(TAG.status),
    state: image.State ?? 'unknown',
    consistency: tag(TAG.consistency),
    validatedAt: instant(tag(TAG.validated)),
    locked: snapshotIds.some((snapshot) => locked.has(snapshot)),
    protected: (image.DeregistrationProtection ?? 'disabled') !== 'disabled',
    shared: image.Public === true,
    beingCopied: sources.has(id) || snapshotIds.some((snapshot) => sources.has(snapshot)) || isCopied(tag),
  };
}

/** The recovery points that sets of snapshots are, by the tag that each snapshot of a set has; others are left out. */
export function pointsOfSnapshots(snapshots: readonly Snapshot[], holds: Holds): Point[] {
  const sets = new Map<string, Snapshot[]>();
  for (const snapshot of snapshots) {
    const set = tagValue(snapshot.Tags, TAG.set);
    if (set === undefined) continue;
    const others = sets.get(set);
    if (others) others.push(snapshot);
    else sets.set(set, [snapshot]);
  }
  return [...sets].map(([id, members]) => pointOfSet(id, members, holds));
}

function pointOfSet(id: string, members: readonly Snapshot[], { locked, sources }: Holds): Point {
  const snapshotIds = members.flatMap(({ SnapshotId }) => SnapshotId ?? []).sort();
  const tags = members.map(({ Tags }) => reader(Tags));
  const [first = () => undefined] = tags;
  const starts = members.flatMap(({ StartTime }) => (StartTime ? StartTime.getTime() : []));
  const started = starts.length > 0 ? new Date(Math.min(...starts)).toISOString() : undefined;
  return {
    id,
    kind: 'snapshots',
    snapshotIds,
    resource: first(TAG.resource) ?? id.slice(id.lastIndexOf('/') + 1),
    owner: common(tags, TAG.deployment),
    policy: common(tags, TAG.policy),
    createdAt: earliest(first(TAG.created), started),
    status: worst(tags.map((tag) => tag(TAG.status))),
    state: stateOf(members, wantedOf(tags)),
    consistency: first(TAG.consistency),
    validatedAt: instant(first(TAG.validated)),
    locked: snapshotIds.some((snapshot) => locked.has(snapshot)),
    protected: false,
    shared: false,
    beingCopied: snapshotIds.some((snapshot) => sources.has(snapshot)) || tags.some(isCopied),
  };
}

/** A point without any date is as old as can be, and then only goes when nothing else keeps it. */
const EPOCH = new Date(0).toISOString();

/**
 * The earlier of what the tag and what AWS says: nothing holds what was written after AWS began it, and a tag in the
 * future would make every later point expire at once.
 */
function earliest(...texts: [string | undefined, string | undefined]): string {
  let first = Number.POSITIVE_INFINITY;
  for (const text of texts) {
    const time = Date.parse(text ?? '');
    if (time < first) first = time; // what is no instant is not less
  }
  return first === Number.POSITIVE_INFINITY ? EPOCH : new Date(first).toISOString();
}

/** A text of its own: what is cut out of a page of an answer keeps the whole page in memory. */
function copied(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

/** Texts that many points have in common, once. */
const texts = new Map<string, string>();
const MOST_TEXTS = 100_000;

function same(text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  if (texts.size >= MOST_TEXTS) texts.clear();
  const own = copied(text);
  texts.set(own, own);
  return own;
}

type TagReader = (key: string) => string | undefined;

function reader(tags: readonly Tag[] = []): TagReader {
  return (key) => {
    const value = tagValue(tags, key);
    return value === undefined ? undefined : same(value);
  };
}

/** Whoever copies it says so by a tag while the copy is on its way: one into another Region shows nowhere else. */
function isCopied(tag: TagReader): boolean {
  return tag(TAG.copying) !== undefined;
}

/** A value that all members have; otherwise nobody's. */
function common(tags: readonly TagReader[], key: string): string | undefined {
  const [value] = tags.map((tag) => tag(key));
  return tags.every((tag) => tag(key) === value) ? value : undefined;
}

/** A set is as good as the worst of its members. */
function worst(statuses: readonly (string | undefined)[]): string | undefined {
  for (const status of ['expiring', 'failed', 'pending']) if (statuses.includes(status)) return status;
  return statuses.every((status) => status === statuses[0]) ? statuses[0] : undefined;
}

function stateOf(members: readonly Snapshot[], wanted: number): string {
  const other = members.find(({ State }) => State !== 'completed');
  if (other) return other.State ?? 'unknown';
  return members.length < wanted ? 'incomplete' : 'available';
}

/** How many snapshots a set had when it was made, as any of them still says; sets of before that tag say nothing. */
function wantedOf(tags: readonly TagReader[]): number {
  return Math.max(0, ...tags.map((tag) => Number(tag(TAG.members) ?? 0)).filter(Number.isFinite));
}

/** An instant as ISO 8601 in UTC, or undefined when the text is none. */
function instant(text: string | undefined): string | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
