import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import type { LocalAccount, LocalOptions } from '../local/local.ts';
import { json } from './decoded.ts';
import { connect, type Deployment } from './deployment.ts';
import { interruptible, NOTHING_STARTED } from './interrupt.ts';
import type { Typed } from './options.ts';
import { UsageError } from './usage.ts';

/** Where a command works: a stage on AWS, a lab that runs in another terminal, or an account of its own. */
export interface Place {
  kind: 'stage' | 'lab' | 'local';
  deployment: Deployment;
  /** Only when the account runs in this process. */
  local?: LocalAccount;
  /** Real milliseconds between two looks at a running execution. */
  everyMs: number;
  /** The account's time in milliseconds, where it is known. */
  now?: () => number;
  close(): Promise<void>;
}

/** Where a lab keeps its address, below the directory from which it was started. */
export const LAB_FILE = '.backup-drill/lab.json';

export const labAddress = v.object({
  stage: v.string(),
  region: v.string(),
  endpoint: v.string(),
  credentials: v.object({ accessKeyId: v.string(), secretAccessKey: v.string(), sessionToken: v.string() }),
});

/** The place that was named, a lab that answers, or undefined. @throws UsageError when the stage's name is not one. */
export async function existingPlace(typed: Typed): Promise<Place | undefined> {
  const stage = typed.one('stage');
  const region = typed.one('region');
  if (stage === undefined && region !== undefined) throw new UsageError('--region: needs --stage NAME');
  if (stage === undefined) return await lab();
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(stage))
    throw new UsageError(
      `--stage ${JSON.stringify(stage)}: lower-case letters, digits and dashes, such as dev`,
    );
  const deployment = await connect({ stage, region });
  return { kind: 'stage', deployment, everyMs: 2000, now: Date.now, close: async () => {} };
}

/** The same for commands that need something to be there already. @throws UsageError when there is nothing. */
export async function placeWithHistory(command: string, typed: Typed): Promise<Place> {
  const place = await existingPlace(typed);
  if (place) return place;
  throw new UsageError(
    `${command}: name a stage with --stage, or start a local account in another terminal with backup-drill lab`,
  );
}

/** Starts an account in this process, with everything of the packaged template in it. */
export async function localPlace(options: LocalOptions): Promise<Place> {
  const { startLocal } = await import('../local/local.ts');
  const starting = startLocal(options);
  const local = await interruptible(() => starting, {
    text: () => NOTHING_STARTED,
    tidy: () => starting.then(({ close }) => close()),
  }).catch((error) => {
    if (options.isolation !== 'namespace' || !(error instanceof Error)) throw error;
    throw new UsageError(`--isolation namespace: ${error.message}; leave it out`);
  });
  const { stage, region, endpoint, credentials } = local;
  const deployment = await connect({ stage, region, endpoint, credentials });
  return {
    kind: 'local',
    deployment,
    local,
    everyMs: 200,
    now: () => local.account.clock.now(),
    close: () => local.close(),
  };
}

async function lab(): Promise<Place | undefined> {
  const text = await readFile(LAB_FILE, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const address = v.safeParse(labAddress, json(text));
  if (!address.success || !(await answers(address.output.endpoint))) return undefined;
  return { kind: 'lab', deployment: await connect(address.output), everyMs: 300, close: async () => {} };
}

/** Whether anything listens there; what it says does not matter. */
async function answers(endpoint: string): Promise<boolean> {
  return await fetch(endpoint, { signal: AbortSignal.timeout(2000) }).then(
    () => true,
    () => false,
  );
}
