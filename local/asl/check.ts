import * as v from 'valibot';
import type { Account } from '../account/account.ts';
import { AwsError } from '../account/service.ts';
import { checkExpressions } from './checkExpressions.ts';
import { checkFlow } from './checkFlow.ts';
import { checkTasks } from './checkTasks.ts';
import { checkVariables } from './checkVariables.ts';
import { type Definition, definitionSchema } from './definition.ts';

/** One thing that is wrong with a definition. `path` is where, `/States/Wait/Seconds`. */
export interface Fault {
  path: string;
  message: string;
}

const DISTRIBUTED = /"(ItemReader|ItemBatcher|ResultWriter|Label|ToleratedFailure\w+)"/;

/**
 * Checks a definition before a machine is made of it: what AWS refuses, and by name whatever this interpreter does not
 * support, so that nothing in it is ever ignored.
 * @throws AwsError InvalidDefinition with every fault and its place
 */
export function checkDefinition(definition: unknown, account: Account, region: string): Definition {
  const parsed = v.safeParse(definitionSchema, definition);
  if (!parsed.success) {
    throw refused(
      parsed.issues.map((issue) => ({
        path: `/${(issue.path ?? []).map(({ key }) => String(key)).join('/')}`,
        message: explain(issue),
      })),
    );
  }
  const faults = [checkFlow, checkExpressions, checkVariables].flatMap((check) => check(parsed.output, ''));
  faults.push(...checkTasks(parsed.output, '', account, region));
  if (faults.length > 0) throw refused(faults);
  return parsed.output;
}

function explain({ expected, received, message }: v.BaseIssue<unknown>): string {
  if (expected !== 'never') return message;
  const unknown = `Unrecognized key: ${received}`;
  return DISTRIBUTED.test(received)
    ? `${unknown}: it belongs to a distributed Map, which is not supported`
    : `${unknown}: not supported in a JSONata state of this type`;
}

function refused(faults: Fault[]): AwsError {
  const list = faults.map(({ path, message }) => `${message} at ${path}`).join(', ');
  return new AwsError(
    'InvalidDefinition',
    `Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: ${list}'`,
  );
}
