/** A delay in seconds: somewhere between the two, evenly. */
export type Span = readonly [shortest: number, longest: number];

/**
 * What the progress of a snapshot says while it is copied: rising evenly; 0% until it is done; soon 99%, and there
 * it stays; nothing at all; or still for long, and then all at once. `bimodal`: rising evenly, but half of the images
 * take the shortest time of their span, and half the longest.
 */
export type ProgressKind = 'steady' | 'zero' | 'stuck99' | 'empty' | 'jump' | 'bimodal';

/** How long things take, in seconds, and how figures behave. AWS promises none of it; these are what users see. */
export interface Physics {
  /** RunInstances or StartInstances to `running`. */
  instanceRunning: Span;
  /** `running` to both status checks `ok`. */
  statusOk: Span;
  /** `running` to the SSM agent's first word, given the rights and a path. */
  agentOnline: Span;
  instanceStopped: Span;
  instanceTerminated: Span;
  /** The guest goes down and is back up, when CreateImage reboots it. */
  reboot: Span;
  /** CreateImage to its snapshots being taken and listed, StartTime included. */
  snapshotStarted: Span;
  /** CreateImage to `available`; hours are as real, for disks with much data. */
  imageAvailable: Span;
  /** How long before the image is available its last snapshot is completed. */
  snapshotCompletedBefore: Span;
  snapshotProgress: ProgressKind;
  /** CreateSnapshots to `completed`. */
  snapshotCompleted: Span;
  /** Quotas of a Region: 50,000 AMIs (AMI quotas, EC2 User Guide) and 100,000 snapshots (EBS quotas). */
  imagesPerRegion: number;
  snapshotsPerRegion: number;
  /** How long something new is missing from lists and from tag filters. */
  listLag: Span;
  /** How long something new is not found even by its id. */
  idLag: Span;
  endpointAvailable: Span;
  endpointDeleted: Span;
  /** SendCommand to `InProgress`. */
  commandStarted: Span;
  /** SendCommand to its invocation being found. */
  invocationLag: Span;
  /** Whether EC2's token buckets throttle. */
  throttling: boolean;
}

/** The physics of the simulated account, unless told otherwise: a small instance with little on its disks. */
export const PHYSICS: Physics = {
  instanceRunning: [10, 20],
  statusOk: [90, 180],
  agentOnline: [20, 40],
  instanceStopped: [20, 60],
  instanceTerminated: [20, 60],
  reboot: [20, 40],
  snapshotStarted: [5, 20],
  imageAvailable: [240, 420],
  snapshotCompletedBefore: [2, 10],
  snapshotProgress: 'steady',
  snapshotCompleted: [120, 300],
  imagesPerRegion: 50_000,
  snapshotsPerRegion: 100_000,
  listLag: [0, 60],
  idLag: [0, 3],
  endpointAvailable: [60, 120],
  endpointDeleted: [30, 60],
  commandStarted: [1, 2],
  invocationLag: [0, 1],
  throttling: true,
};

/** Milliseconds within a span, by a random number in [0, 1). */
export function milliseconds([shortest, longest]: Span, random: () => number): number {
  return Math.round((shortest + (longest - shortest) * random()) * 1000);
}
