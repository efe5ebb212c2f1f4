import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { Config } from '../config.ts';
import { TAG, type Tag, tagValue } from '../tags.ts';

/** What became of something that is to go, after what was due was done. */
export type Removal =
  /** Seen to be gone, or its deletion was accepted and takes no time. */
  | { state: 'gone' }
  /** On its way. */
  | { state: 'going' }
  /** AWS does not know it: gone, or too new to be known. */
  | { state: 'missing' }
  /** It stays, and why. */
  | { state: 'stuck'; reason: string };

/** What a removal works with. */
export interface RemovalContext {
  ec2: EC2Client;
  dynamodb: DynamoDBClient;
  config: Config;
  now: Date;
  runId: string;
}

/** Removes one thing of a run, or continues to. Repeating it is harmless. */
export type Remover = (id: string, context: RemovalContext) => Promise<Removal>;

/** Nothing but what this run made is ever removed: the reason against it, or undefined when its tags say so. */
export function foreign(tags: readonly Tag[] | undefined, context: RemovalContext): string | undefined {
  const deployment = tagValue(tags, TAG.deployment);
  const run = tagValue(tags, TAG.run);
  if (deployment === context.config.deployment && run === context.runId) return undefined;
  return `it belongs to deployment ${deployment}, run ${run}`;
}

/** Runs a remover. A refusal is the reason why something stays for now; it never keeps the rest from going. */
export async function attempt(remover: Remover, id: string, context: RemovalContext): Promise<Removal> {
  try {
    return await remover(id, context);
  } catch (error) {
    return {
      state: 'stuck',
      reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    };
  }
}
