import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { parsed } from '../shared/parsed.ts';
import { json, member } from './decoded.ts';
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
  if (ending.output !== undefined) return parsed(drillResult, json(ending.output));
  const record = await deployment.dynamodb.send(
    new GetItemCommand({
      TableName: deployment.names.runsTable,
      Key: { id: { S: runId }, entry: { S: 'run' } },
      ConsistentRead: true,
    }),
  );
  if (!record.Item) return undefined;
  const item = unmarshall(record.Item);
  const found = v.safeParse(drillResult, { runId, ...item });
  return found.success ? found.output : undefined;
}

/** Why an execution failed, in one line. */
export function failureLine(ending: Ending): string {
  const cause = (ending.cause ?? '').replace(/\s+/g, ' ').trim();
  const error = ending.error ?? ending.status;
  return cause === '' ? error : `${error}: ${message(cause)}`;
}

/** A Lambda function's failure is JSON with the message inside; a nested execution's holds that once more. */
function message(cause: string): string {
  const decoded = json(cause);
  const [said, error, inner] = ['errorMessage', 'Error', 'Cause'].map((key) => member(decoded, key));
  if (typeof said === 'string') return said;
  if (typeof inner !== 'string') return cause;
  return failureLine({ status: 'FAILED', cause: inner, ...(typeof error === 'string' && { error }) });
}
