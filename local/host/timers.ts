import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';

/** Timers that commands of one instance have filed with systemd-run; they run on the account's clock. */
export class Timers {
  readonly #clock: Clock;
  readonly #directory: string;
  readonly #fire: (command: string) => Promise<unknown>;
  readonly #pending = new Map<string, () => void>();

  /** @param directory where systemd-run files them: seconds on the first line, then the command. */
  constructor(clock: Clock, directory: string, fire: (command: string) => Promise<unknown>) {
    this.#clock = clock;
    this.#directory = directory;
    this.#fire = fire;
  }

  /** After a command: starts what was filed, cancels what was taken away. */
  async update(): Promise<void> {
    const filed = (await readdir(this.#directory).catch(() => [])).filter((name) => !name.startsWith('.'));
    for (const unit of filed) if (!this.#pending.has(unit)) await this.#start(unit);
    for (const [unit, cancel] of this.#pending) {
      if (filed.includes(unit)) continue;
      cancel();
      this.#pending.delete(unit);
    }
  }

  /** The instance is going down. */
  cancelAll(): void {
    for (const cancel of this.#pending.values()) cancel();
    this.#pending.clear();
  }

  async #start(unit: string): Promise<void> {
    const path = join(this.#directory, unit);
    const [seconds = '0', ...command] = (await readFile(path, 'utf8')).split('\n');
    const cancel = this.#clock.after(Number(seconds) * 1000, async () => {
      this.#pending.delete(unit);
      await rm(path, { force: true });
      await this.#fire(command.join('\n'));
    });
    this.#pending.set(unit, cancel);
  }
}
