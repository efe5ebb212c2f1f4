import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Deployment } from './deployment.ts';
import { type DrillResult, drillResult } from './drillResult.ts';
import type { Ending } from './follow.ts';

/**
 * What a drill found: its execution's output or, when the execution failed, its run record, which holds the same.
 * Undefined when the drill failed before it had anything to record.
 */
export async function drillOutcome(
  deployment: Deployment,
  ending: Ending,
  runId: string,
): Promise<DrillResult | undefined> {
  if (ending.output !== undefined) return drillResult.parse(JSON.parse(ending.output));
  const record = await deployment.dynamodb.send(
    new GetItemCommand({
      TableName: deployment.names.runsTable,
      Key: { id: { S: runId }, entry: { S: 'run' } },
      ConsistentRead: true,
    }),
  );
  if (!record.Item) return undefined;
  const item = unmarshall(record.Item);
  return drillResult.safeParse({ runId, ...item }).data;
}

/** Why an execution failed, in one line. */
export function failureLine(ending: Ending): string {
  const cause = (ending.cause ?? '').replace(/\s+/g, ' ').trim();
  const error = ending.error ?? ending.status;
  return cause === '' ? error : `${error}: ${message(cause)}`;
}

/** A Lambda function's failure is JSON with the message inside; a nested execution's holds that once more. */
function message(cause: string): string {
  const start = cause.indexOf('{');
  if (start !== 0) return cause;
  try {
    const decoded = JSON.parse(cause);
    if (typeof decoded.errorMessage === 'string') return decoded.errorMessage;
    if (typeof decoded.Cause === 'string')
      return failureLine({ status: 'FAILED', error: decoded.Error, cause: decoded.Cause });
  } catch {
    // Not JSON after all, or cut off: it is shown as it is.
  }
  return cause;
}
