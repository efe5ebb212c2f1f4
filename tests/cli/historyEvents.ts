import type { HistoryEvent, HistoryEventType } from '@aws-sdk/client-sfn';

/** Builds a history as Step Functions writes it; each call adds what happened `at` seconds. */
export class HistoryBuilder {
  readonly events: HistoryEvent[] = [];

  add(type: HistoryEventType, at: number, details: Partial<HistoryEvent> = {}): this {
    const id = this.events.length + 1;
    this.events.push({ id, previousEventId: id - 1, type, timestamp: new Date(at * 1000), ...details });
    return this;
  }

  /** A state from its entry to its exit, with what its task gave back. */
  state(
    name: string,
    kind: 'Task' | 'Wait' | 'Choice' | 'Pass',
    from: number,
    to?: number,
    output?: unknown,
  ): this {
    this.enter(name, kind, from);
    if (output !== undefined)
      this.add('TaskScheduled', from).add('TaskSucceeded', to ?? from, {
        taskSucceededEventDetails: {
          resourceType: 'lambda',
          resource: 'invoke',
          output: JSON.stringify(output),
        },
      });
    return to === undefined ? this : this.exit(name, kind, to);
  }

  enter(name: string, kind: 'Task' | 'Wait' | 'Choice' | 'Pass', at: number): this {
    return this.add(`${kind}StateEntered`, at, { stateEnteredEventDetails: { name } });
  }

  exit(name: string, kind: 'Task' | 'Wait' | 'Choice' | 'Pass', at: number): this {
    return this.add(`${kind}StateExited`, at, { stateExitedEventDetails: { name } });
  }

  /** The task that was entered last starts another execution and waits for it. */
  submit(executionArn: string, at: number): this {
    return this.add('TaskScheduled', at).add('TaskSubmitted', at, {
      taskSubmittedEventDetails: {
        resourceType: 'states',
        resource: 'startExecution.sync:2',
        output: JSON.stringify({ ExecutionArn: executionArn }),
      },
    });
  }
}
