import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Typed } from '../options.ts';
import { LAB_FILE, localPlace, type Place } from '../place.ts';
import { UsageError } from '../usage.ts';

/** Keeps a local account until Ctrl-C, with an example instance that has data and one recovery point. */
export async function lab(typed: Typed): Promise<number> {
  const port = labPort(typed.one('port'));
  const speed = labSpeed(typed.one('speed'));
  const place = await localPlace({ port, speed }).catch((error) => {
    if (error instanceof Error && Reflect.get(error, 'code') === 'EADDRINUSE')
      throw new UsageError(`port ${port} is taken; give another one with --port`);
    throw error;
  });
  const ending = interrupted();
  try {
    await Promise.race([open(place), ending]);
    await ending;
    return 0;
  } finally {
    await rm(LAB_FILE, { force: true });
    await place.close();
  }
}

export function labPort(text = '4566'): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(`--port ${JSON.stringify(text)}: give a number from 0 to 65535`);
}

export function labSpeed(text = 'max'): number | 'max' {
  if (text === 'max') return text;
  if (/^\d+(\.\d+)?$/.test(text) && Number(text) > 0) return Number(text);
  throw new UsageError(`--speed ${JSON.stringify(text)}: give a number above 0, or max`);
}

async function open({ local }: Place): Promise<void> {
  if (!local) return;
  process.stderr.write('Making an example instance with data, and a backup of it …\n');
  const { makeExample } = await import('../../local/example.ts');
  const { instanceId, imageId } = await makeExample(local);
  const { stage, region, endpoint, credentials } = local;
  const keepsTime = local.account.clock.speed !== 'max';
  if (keepsTime) local.runSchedules();
  await mkdir(dirname(LAB_FILE), { recursive: true });
  await writeFile(LAB_FILE, JSON.stringify({ stage, region, endpoint, credentials }), { mode: 0o600 });
  const lines = [
    `A local account listens on ${endpoint}, Region ${region}, until Ctrl-C.`,
    `In it: instance ${instanceId} with data on two volumes, and its recovery point ${imageId}.`,
    keepsTime
      ? 'The schedules of policies.yml fire at their times, by its clock.'
      : 'The schedules of policies.yml stand still, since time skips every wait; --speed N gives it a pace.',
    '',
    'From this directory, in another terminal:',
    '  npm run backup-drill -- points',
    `  npm run backup-drill -- restore ${imageId}`,
    '  npm run drill',
    'With any AWS client:',
    `  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=${region}`,
    `  export AWS_ACCESS_KEY_ID=${credentials.accessKeyId} AWS_SECRET_ACCESS_KEY=${credentials.secretAccessKey}`,
    '  aws ec2 describe-images --owners self',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Resolves at Ctrl-C. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}
