import { AwsError } from '../account/service.ts';
import { StateFailure } from './failure.ts';
import type { Json } from './json.ts';

interface Waiting {
  resolve: (output: Json) => void;
  reject: (failure: StateFailure) => void;
}

/** Tasks that wait for their token to come back. */
export class TaskTokens {
  #waiting = new Map<string, Waiting>();
  #issued = new Set<string>();

  /** A new token. */
  issue(random: () => number): string {
    const bytes = Array.from({ length: 48 }, () => Math.floor(random() * 256));
    const token = Buffer.from(bytes).toString('base64');
    this.#issued.add(token);
    return token;
  }

  /** The output that somebody sends with this token. `forget` takes the token out of use. */
  wait(token: string): { output: Promise<Json>; forget: () => void } {
    const output = new Promise<Json>((resolve, reject) => this.#waiting.set(token, { resolve, reject }));
    // Whoever waits may look later than the answer comes.
    output.catch(() => {});
    return { output, forget: () => this.#waiting.delete(token) };
  }

  /** @throws AwsError InvalidToken, TaskTimedOut. */
  succeed(token: string, output: Json): void {
    this.#take(token).resolve(output);
  }

  /** @throws AwsError InvalidToken, TaskTimedOut. */
  fail(token: string, error: string, cause: string | undefined): void {
    this.#take(token).reject(new StateFailure(error, cause));
  }

  #take(token: string): Waiting {
    if (!this.#issued.has(token)) throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
    const waiting = this.#waiting.get(token);
    if (!waiting)
      throw new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    this.#waiting.delete(token);
    return waiting;
  }
}
