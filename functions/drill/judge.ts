import * as z from 'zod';
import { drillFacts, drillResult, runFailure } from '../../shared/drillFacts.ts';
import { drillSettings } from '../../shared/drillSettings.ts';
import { task } from '../../shared/task.ts';
import { judgeDrill } from '../../shared/verdict.ts';

/** Judges a drill by everything that it has seen. */
export const judge = task({
  name: 'Judge',
  input: z.object({ run: drillSettings, facts: drillFacts, failure: runFailure.optional() }),
  output: drillResult,
  aws: () => ({}),
  run: async ({ run, facts, failure }, { now }) => judgeDrill(run, facts, failure, now()),
});
