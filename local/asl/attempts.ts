import type { Catcher, Retrier } from './definition.ts';
import { asFailure, Interrupted } from './failure.ts';
import type { Frame } from './frame.ts';
import type { Json } from './json.ts';
import { leave, type Outcome } from './outcome.ts';
import { Retries } from './retry.ts';
import { pause } from './thread.ts';

/** A state that can retry and catch. */
interface Handling {
  Retry?: Retrier[] | undefined;
  Catch?: Catcher[] | undefined;
  Output?: Json | undefined;
  Assign?: Record<string, Json> | undefined;
  Next?: string | undefined;
}

/**
 * Tries until a result is there and Assign and Output are evaluated, or the error is caught, or it is the state's.
 * Every retry is a transition of its own on the bill.
 */
export async function attempts(
  frame: Frame,
  state: Handling,
  attempt: () => Promise<Json>,
): Promise<Outcome> {
  const { account } = frame.thread.run;
  const retries = new Retries(state.Retry);
  for (;;) {
    try {
      const result = await attempt();
      return await leave(frame, state, result, { result });
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      const failure = asFailure(error);
      const delay = retries.next(failure, account.random);
      if (delay !== undefined) {
        await pause(frame.thread, delay * 1000);
        frame.retryCount++;
        account.meter.add('states:transition', 1);
        continue;
      }
      const at = state.Catch?.findIndex((catcher) => failure.matches(catcher.ErrorEquals)) ?? -1;
      const catcher = state.Catch?.[at];
      if (!catcher) throw failure;
      return await leave(frame, catcher, failure.output, { errorOutput: failure.output }, `Catch[${at}]/`);
    }
  }
}
