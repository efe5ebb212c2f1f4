/** One number that the bench measures. */
export interface Figure {
  value: number;
  /** Of the value: `s`, `$`, `kB`; empty for a count or a ratio. */
  unit: string;
  /** What is measured, in a few words. */
  what: string;
  /** What the project asks of it; a figure without one is told for its own sake. */
  goal?: Goal;
  /** What the same is without this project, or what is possible at best: a floor. */
  baseline?: string;
}

export type Goal = { atMost: number } | { atLeast: number };

/** Figures by the key under which `--json` prints them. */
export type Figures = Record<string, Figure>;

/** What a directory `tests/bench/<name>/` exports from its `section.ts`; its name is the section's. */
export interface Section {
  /** Sections whose figures this one compares with. */
  needs?: readonly string[];
  /** Megabytes of heap that its process may use; Node's own limit unless told. */
  heapMegabytes?: number;
  /**
   * Measures. It runs in a process of its own.
   * @param known values of the sections that it needs, by key
   */
  figures(known: Readonly<Record<string, number>>): Promise<Figures>;
}

/** Whether a figure is as good as its goal. */
export function meets({ value, goal }: Figure): boolean {
  if (!goal) return true;
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;
}
