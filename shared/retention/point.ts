/** One recovery point of a resource, as its tags and AWS say at the moment that it is read. */
export interface Point {
  /** Of its image, `ami-…`; or of its set of snapshots, `<run>/<instance>`. */
  id: string;
  kind: 'ami' | 'snapshots';
  snapshotIds: string[];
  /** The instance that it is a backup of. */
  resource: string;
  /** The deployment that owns it; unset when nobody does. */
  owner?: string | undefined;
  policy?: string | undefined;
  /** ISO 8601: the instant whose data it holds. */
  createdAt: string;
  /** What the tag says: `pending`, `verified`, `failed`, or `expiring` once its deletion has begun. */
  status?: string | undefined;
  /**
   * What AWS says: an image's state, or `available` for a set of completed snapshots; `incomplete` when some of them are
   * not there any more.
   */
  state: string;
  consistency?: string | undefined;
  /** ISO 8601: when a drill last passed with it. */
  validatedAt?: string | undefined;
  /** One of its snapshots is under Snapshot Lock. */
  locked: boolean;
  /** The image is protected from deregistration. */
  protected: boolean;
  /** Others may use it. Permissions are read just before a deletion; only a public image shows here. */
  shared: boolean;
  /** A copy is being made of it. */
  beingCopied: boolean;
}

/** What retention does with one point, and by which rule. */
export interface Decision {
  point: Point;
  keep: boolean;
  /** One sentence. */
  rule: string;
}
