import * as v from 'valibot';
import { type RunFailure, runFailure } from './drillFacts.ts';

/** `(Service: AWSStepFunctions; Status Code: 400; …; Proxy: null)`, which Step Functions puts behind a service's words. */
const TAIL = / \(Service: [^)]*\)$/;

/** A failure of a machine as a report tells it: the words of a service without what is meant for no person. */
export const failureInWords = v.pipe(runFailure, v.transform(inWords));

function inWords({ Error: error, Cause: cause }: RunFailure): RunFailure {
  if (error === 'StepFunctions.ExecutionAlreadyExistsException')
    return {
      Error: 'InvalidInput',
      Cause: 'runId: there was a run of this id already; give each run one of its own, or none',
    };
  return { Error: error, Cause: cause.replace(TAIL, '') };
}
