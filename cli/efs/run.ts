import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { type EfsResult, efsResult } from '../../shared/efs/report.ts';
import { parsed } from '../../shared/parsed.ts';
import type { Place } from '../place.ts';
import { type EndedRun, runName, watchRun } from '../watchRun.ts';

/** A run on EFS at its end: what it came to is recorded also when its execution failed. */
export interface EfsRunEnd extends EndedRun {
  result: EfsResult | undefined;
}

/** Runs a machine on EFS at a place, showing its progress on stderr. */
export async function runEfs(
  place: Place,
  operation: 'backup' | 'restore',
  input: object,
): Promise<EfsRunEnd> {
  const { deployment } = place;
  const name = runName(`efs-${operation}`, new Date(place.now?.() ?? Date.now()));
  const ended = await watchRun(place, {
    name,
    machine: operation === 'backup' ? deployment.names.efsBackup : deployment.names.efsRestore,
    heading: place.local ? 'in a local account' : `on ${deployment.names.deployment} in ${deployment.region}`,
    input: async () => input,
    tidy: place.close,
  });
  const { Item } = await deployment.dynamodb.send(
    new GetItemCommand({
      TableName: deployment.names.runsTable,
      Key: { id: { S: name }, entry: { S: 'run' } },
    }),
  );
  return { ...ended, result: Item && parsed(efsResult, unmarshall(Item)) };
}
