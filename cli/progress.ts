import { formatClock, formatSeconds } from './duration.ts';
import type { Histories } from './follow.ts';
import { visitsOf } from './history.ts';
import { type Step, stepsOf, stepTitle } from './steps.ts';

const WORTH_A_LINE = 2; // seconds; what takes less, a single call mostly, is seen in the live line only

/** Where progress is written; `process.stderr` is one. */
export interface Screen {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** Shows an execution's progress: a line for each finished step and, in a terminal, a live line for what runs. */
export class Progress {
  #screen: Screen;
  #now: (() => number) | undefined;
  #printed = 0;
  #live = false;
  #title: ((histories: Histories) => string | undefined) | undefined;

  /**
   * @param now the time in milliseconds; without it, time is the latest that a history tells
   * @param title what the live line says instead of the name of the step, where it has something to say
   */
  constructor(screen: Screen, now?: () => number, title?: (histories: Histories) => string | undefined) {
    this.#screen = screen;
    this.#now = now;
    this.#title = title;
  }

  /** Call after each look at the histories; `over` once the execution has ended. */
  look(histories: Histories, over = false): void {
    const [root] = histories.values();
    const start = root?.[0]?.timestamp?.getTime();
    if (!root || start === undefined) return;
    const steps = stepsOf(visitsOf(root));
    const current = over ? undefined : steps.at(-1);
    // What comes before a wait is mostly the first look, which becomes one step with the wait once it looks again.
    const open = current === undefined ? 0 : current.waits ? 2 : 1;
    for (const step of steps.slice(0, steps.length - open)) this.#finished(step, start);
    if (current) this.#running(current, histories, start);
  }

  /** A line of its own. */
  say(line: string): void {
    this.#clear();
    this.#screen.write(`${line}\n`);
  }

  /** Takes the live line away. */
  close(): void {
    this.#clear();
  }

  #finished(step: Step, start: number): void {
    if (step.startedAt < this.#printed || step.finishedAt === undefined) return;
    this.#printed = step.finishedAt;
    const seconds = (step.finishedAt - step.startedAt) / 1000;
    if (seconds >= WORTH_A_LINE) this.say(line(step.startedAt - start, seconds, stepTitle(step.name)));
  }

  #running(step: Step, histories: Histories, start: number): void {
    if (!this.#screen.isTTY) return;
    const path = currentPath(step, histories);
    const startedAt = path.at(-1)?.startedAt ?? step.startedAt;
    const now = this.#now?.() ?? latest(histories);
    const title = this.#title?.(histories) ?? path.map((each) => stepTitle(each.name)).join(' › ');
    this.#clear();
    const text = line(step.startedAt - start, Math.max(0, now - startedAt) / 1000, title);
    this.#screen.write(text.slice(0, (this.#screen.columns ?? 80) - 1));
    this.#live = true;
  }

  #clear(): void {
    if (this.#live) this.#screen.write('\r\u001b[2K');
    this.#live = false;
  }
}

/** The running step, and inside each execution that it waits for the one that runs there. */
export function currentPath(step: Step, histories: Histories): Step[] {
  const path = [step];
  for (;;) {
    const nested = path.at(-1)?.nested.at(-1);
    const inner = nested === undefined ? undefined : stepsOf(visitsOf(histories.get(nested) ?? [])).at(-1);
    if (!inner) return path;
    path.push(inner);
  }
}

function line(sinceStart: number, seconds: number, title: string): string {
  return `${formatClock(sinceStart / 1000).padStart(8)}  ${formatSeconds(seconds).padStart(10)}  ${title}`;
}

function latest(histories: Histories): number {
  return Math.max(0, ...[...histories.values()].map((events) => events.at(-1)?.timestamp?.getTime() ?? 0));
}
