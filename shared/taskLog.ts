import type { Logger } from '@aws-lambda-powertools/logger';

type Level = 'info' | 'warn' | 'error';

/** Where a task writes what a person should read. */
export type TaskLog = Record<Level, (line: string) => void>;

/**
 * The log of a function. Most invocations say nothing, and loading the logger takes as long as all the rest of a task's
 * own code: it is loaded with the first line, when an invocation flushes what it has said.
 */
export class DeferredLog implements TaskLog {
  readonly #serviceName: string;
  readonly #lines: { level: Level; line: string }[] = [];
  #logger: Logger | undefined;

  constructor(serviceName: string) {
    this.#serviceName = serviceName;
  }

  info(line: string): void {
    this.#lines.push({ level: 'info', line });
  }

  warn(line: string): void {
    this.#lines.push({ level: 'warn', line });
  }

  error(line: string): void {
    this.#lines.push({ level: 'error', line });
  }

  /** Writes what was said since the last time. */
  async flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    if (!this.#logger) {
      const { Logger } = await import('@aws-lambda-powertools/logger');
      this.#logger = new Logger({ serviceName: this.#serviceName });
    }
    for (const { level, line } of this.#lines.splice(0)) this.#logger[level](line);
  }
}
