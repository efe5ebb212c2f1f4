import * as v from 'valibot';
import { drillInput, drillSettings, settingsOf } from '../../shared/drillSettings.ts';
import { instant } from '../../shared/instant.ts';
import { runId } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/** Checks the input of a drill and completes it. @throws InvalidInput naming the key and what is allowed. */
export const readDrillInput = task({
  name: 'dr-drill',
  input: v.object({
    input: drillInput,
    executionName: runId,
    executionArn: v.string(),
    startedAt: instant,
  }),
  output: drillSettings,
  aws: () => ({}),
  run: async ({ input, executionName, executionArn, startedAt }, { config }) =>
    settingsOf(input, { runId: executionName, executionArn, startedAt }, config),
});
