import { Worker } from 'node:worker_threads';
import type { AnswerMessage, InvocationMessage } from './messages.ts';

/** The function did not answer in its time. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut';
}

/** The function's process ended without an answer. */
export class Exited extends Error {
  override readonly name = 'Exited';
}

/**
 * A worker thread that serves one invocation at a time, each with its function's own variables and bundle only.
 * Functions share threads: one for each would start the SDK some forty times, which is most of a short drill.
 */
export class ExecutionEnvironment {
  #worker: Worker;
  #fail: ((reason: Error) => void) | undefined;
  #answer: ((answer: AnswerMessage) => void) | undefined;
  #ended: Exited | undefined;
  readonly #loaded = new Set<string>();

  constructor() {
    this.#worker = new Worker(new URL('./bootstrap.js', import.meta.url), {
      env: {},
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    this.#worker.on('message', (answer: AnswerMessage) => this.#answer?.(answer));
    this.#worker.on('error', (error) => this.#end(String(error)));
    this.#worker.on('exit', (code) => this.#end(`exit status ${code}`));
    // An idle environment must not keep the program alive.
    this.#worker.unref();
  }

  /** Whether a function's bundle was loaded here. */
  has(module: string): boolean {
    return this.#loaded.has(module);
  }

  /** Runs the handler once. @throws TimedOut after `limit` milliseconds of the machine's own time, Exited */
  async invoke(message: InvocationMessage, limit: number): Promise<AnswerMessage> {
    let watchdog: NodeJS.Timeout | undefined;
    this.#worker.ref();
    this.#loaded.add(message.code.module);
    try {
      return await new Promise<AnswerMessage>((resolve, reject) => {
        if (this.#ended) throw this.#ended;
        this.#answer = resolve;
        this.#fail = reject;
        watchdog = setTimeout(() => reject(new TimedOut()), limit);
        this.#worker.postMessage(message);
      });
    } finally {
      clearTimeout(watchdog);
      this.#answer = undefined;
      this.#fail = undefined;
      this.#worker.unref();
    }
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #end(reason: string): void {
    this.#ended ??= new Exited(reason);
    this.#fail?.(this.#ended);
  }
}
