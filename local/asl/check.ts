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
  const parsed = definitionSchema.safeParse(definition);
  if (!parsed.success) {
    throw refused(
      parsed.error.issues.map((issue) => ({
        path: `/${issue.path.join('/')}`,
        message: explain(issue.message),
      })),
    );
  }
  const faults = [checkFlow, checkExpressions, checkVariables].flatMap((check) => check(parsed.data, ''));
  faults.push(...checkTasks(parsed.data, '', account, region));
  if (faults.length > 0) throw refused(faults);
  return parsed.data;
}

function explain(message: string): string {
  if (DISTRIBUTED.test(message)) return `${message}: it belongs to a distributed Map, which is not supported`;
  return message.startsWith('Unrecognized')
    ? `${message}: not supported in a JSONata state of this type`
    : message;
}

function refused(faults: Fault[]): AwsError {
  const list = faults.map(({ path, message }) => `${message} at ${path}`).join(', ');
  return new AwsError(
    'InvalidDefinition',
    `Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: ${list}'`,
  );
}
