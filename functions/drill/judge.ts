import * as v from 'valibot';
import { drillFacts, drillResult, runFailure } from '../../shared/drillFacts.ts';
import { drillSettings } from '../../shared/drillSettings.ts';
import { task } from '../../shared/task.ts';
import { judgeDrill } from '../../shared/verdict.ts';

/** Judges a drill by everything that it has seen. */
export const judge = task({
  name: 'Judge',
  input: v.object({ run: drillSettings, facts: drillFacts, failure: v.optional(runFailure) }),
  output: drillResult,
  aws: () => ({}),
  run: async ({ run, facts, failure }, { now }) => judgeDrill(run, facts, failure, now()),
});
