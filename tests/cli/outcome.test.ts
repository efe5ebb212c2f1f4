import { describe, expect, test } from '@jest/globals';
import { failureLine } from '../../cli/outcome.ts';

describe('why an execution failed, in one line', () => {
  test.each([
    [
      'the error with its cause',
      { error: 'InvalidInput', cause: 'consistency: no\n such' },
      'InvalidInput: consistency: no such',
    ],
    ['the status where there is no error', {}, 'FAILED'],
    [
      "a Lambda function's message, without its stack",
      {
        error: 'InvalidInput',
        cause: JSON.stringify({ errorType: 'InvalidInput', errorMessage: 'mode: no', trace: ['at x'] }),
      },
      'InvalidInput: mode: no',
    ],
    [
      'the innermost error of a nested execution',
      {
        error: 'States.TaskFailed',
        cause: JSON.stringify({
          ExecutionArn: 'arn',
          Error: 'CommandFailed',
          Cause: JSON.stringify({ errorMessage: 'exit 1' }),
        }),
      },
      'States.TaskFailed: CommandFailed: exit 1',
    ],
    ['JSON that was cut off as it is', { error: 'E', cause: '{"errorMess' }, 'E: {"errorMess'],
  ])('%s', (_name, ending, line) => {
    expect(failureLine({ status: 'FAILED', ...ending })).toBe(line);
  });
});
