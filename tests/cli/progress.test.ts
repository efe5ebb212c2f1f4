import { describe, expect, test } from '@jest/globals';
import { Progress } from '../../cli/progress.ts';
import { HistoryBuilder } from './historyEvents.ts';

/** A screen that remembers what was written. */
function screen(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, columns: 60, written, write: (text: string) => written.push(text) };
}

describe('progress', () => {
  test('a finished step has one line, with its start and how long it took', () => {
    const history = new HistoryBuilder().state('LaunchSource', 'Task', 5, 47).enter('Seed', 'Task', 47);
    const lines = screen(false);
    const progress = new Progress(lines);
    progress.look(new Map([['arn', history.add('TaskScheduled', 48).events]]));
    progress.look(new Map([['arn', history.exit('Seed', 'Task', 80).events]]), true);
    expect(lines.written).toEqual(['    0:00        42 s  launch source\n', '    0:42        33 s  seed\n']);
  });

  test('in a terminal a live line says what runs inside of what, and for how long', () => {
    const lines = screen(true);
    const root = new HistoryBuilder().enter('BackUp', 'Task', 0).submit('arn:nested', 0).events;
    const nested = new HistoryBuilder().enter('WaitForImage', 'Wait', 30).events;
    const progress = new Progress(lines, () => 42_000);
    progress.look(
      new Map([
        ['arn', root],
        ['arn:nested', nested],
      ]),
    );
    progress.close();
    expect(lines.written).toEqual(['    0:00        12 s  back up › wait for image', '\r\u001b[2K']);
  });

  test('branches side by side are one step', () => {
    const lines = screen(false);
    const history = new HistoryBuilder()
      .add('ParallelStateEntered', 0, { stateEnteredEventDetails: { name: 'Validate' } })
      .add('ParallelStateStarted', 0)
      .enter('InspectCopy', 'Task', 0)
      .submit('arn:inspect', 0)
      .exit('InspectCopy', 'Task', 5)
      .enter('ReadManifest', 'Task', 5);
    const progress = new Progress(lines);
    const look = () => progress.look(new Map([['arn', history.events]]));
    look();
    expect(lines.written).toEqual([]);
    history
      .exit('ReadManifest', 'Task', 9)
      .add('ParallelStateSucceeded', 9)
      .add('ParallelStateExited', 9, { stateExitedEventDetails: { name: 'Validate' } })
      .enter('CleanUp', 'Task', 9);
    look();
    expect(lines.written).toEqual(['    0:00         9 s  validate\n']);
  });

  test('a loop of looks and waits has one line, whenever it was looked at', () => {
    const lines = screen(false);
    const progress = new Progress(lines);
    const history = new HistoryBuilder().enter('CheckImage', 'Task', 0);
    const look = () => progress.look(new Map([['arn', history.events]]));
    history.exit('CheckImage', 'Task', 3);
    look();
    history.enter('WaitForImage', 'Wait', 3);
    look();
    history.exit('WaitForImage', 'Wait', 60).enter('CheckImage', 'Task', 60);
    look();
    history.exit('CheckImage', 'Task', 61).enter('VerifyImage', 'Task', 61);
    look();
    expect(lines.written).toEqual(['    0:00    1 m 01 s  wait for image\n']);
  });

  test('a single quick call has no line of its own', () => {
    const lines = screen(false);
    const history = new HistoryBuilder().state('ReadInput', 'Task', 0, 0.3).enter('Launch', 'Task', 0.3);
    new Progress(lines).look(new Map([['arn', history.events]]));
    expect(lines.written).toEqual([]);
  });
});
