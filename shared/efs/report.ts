import * as z from 'zod';
import { runFailure } from '../drillFacts.ts';
import { secondsBetween } from '../duration.ts';
import type { EfsRun } from './efsRun.ts';
import { generation } from './generations.ts';

/** Figures by their names, as documents print them; whatever is not a number or an instant is left out. */
const figures = z.record(z.string(), z.json()).transform((all) => {
  const plain = Object.entries(all).filter(
    ([, value]) =>
      typeof value === 'number' || (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)),
  );
  return z.record(z.string(), z.union([z.number(), z.string()])).parse(Object.fromEntries(plain));
});
export type Figures = z.infer<typeof figures>;

/** What the steps of a run have come to, as far as they came. */
export const efsFacts = z.object({
  copied: z.looseObject({ status: z.string(), generation: z.string(), kpis: figures.optional() }).optional(),
  verified: z.looseObject({ entries: z.number(), sampled: z.number(), seconds: z.number() }).optional(),
  published: z.looseObject({ generation: z.string() }).optional(),
  listed: z.array(generation).optional(),
  expired: z
    .looseObject({
      expired: z.array(z.string()),
      left: z.array(z.string()),
      seconds: z.number(),
      entries: z.number(),
    })
    .optional(),
  restored: z
    .looseObject({
      status: z.string(),
      generation: z.string(),
      filesTransferred: z.number(),
      transferredBytes: z.number(),
      deletions: z.number(),
      seconds: z.number(),
      examples: z.array(z.string()).default([]),
    })
    .optional(),
  failure: runFailure.optional(),
});
export type EfsFacts = z.infer<typeof efsFacts>;

/** What a worker has left when it was taken down, whoever took it down. */
export const workerFigures = z.object({
  phase: z.string().optional(),
  kpis: figures.nullish(),
  logs: z.object({ bucket: z.string(), key: z.string() }).optional(),
});
export type WorkerFigures = z.infer<typeof workerFigures>;

export const efsResult = z.object({
  runId: z.string(),
  policy: z.string(),
  operation: z.enum(['backup', 'restore']),
  /** INCOMPLETE: the next run continues it; FAILED: somebody is to look at it. */
  verdict: z.enum(['COMPLETE', 'INCOMPLETE', 'FAILED']),
  generation: z.string().optional(),
  startedAt: z.string(),
  finishedAt: z.string(),
  kpis: z.record(z.string(), z.union([z.number(), z.string()])),
  restored: efsFacts.shape.restored,
  expired: z.array(z.string()),
  logs: workerFigures.shape.logs,
  failure: runFailure.optional(),
});
export type EfsResult = z.infer<typeof efsResult>;

/** Ends after which the next run goes on where this one stopped. */
const CONTINUED = ['WindowOver', 'WorkerLost', 'Aborted'];

/** What a run came to. */
export function resultOf(
  operation: 'backup' | 'restore',
  run: Pick<EfsRun, 'runId' | 'policy' | 'startedAt' | 'windowSeconds'>,
  facts: EfsFacts,
  worker: WorkerFigures,
  now: Date,
): EfsResult {
  const { copied, published, restored, expired, failure } = facts;
  const finishedAt = now.toISOString();
  const seconds = secondsBetween(run.startedAt, finishedAt);
  const interrupted =
    failure !== undefined && CONTINUED.includes(failure.Error) && !published && operation === 'backup';
  const failed = interrupted ? ('INCOMPLETE' as const) : ('FAILED' as const);
  return {
    runId: run.runId,
    policy: run.policy,
    operation,
    verdict: failure ? failed : 'COMPLETE',
    generation: published?.generation ?? copied?.generation ?? restored?.generation,
    startedAt: run.startedAt,
    finishedAt,
    kpis: kpisOf({ ...worker.kpis, ...copied?.kpis }, facts, seconds, run.windowSeconds),
    restored,
    expired: expired?.expired ?? [],
    logs: worker.logs,
    failure,
  };
}

/** The copy's own figures, and those of what came after it; shares are of the whole run. */
function kpisOf(copy: Figures, facts: EfsFacts, seconds: number, windowSeconds: number): Figures {
  const share = (part: number | undefined) =>
    part === undefined ? {} : { share: rounded(part / Math.max(1, seconds)) };
  const { verified, expired } = facts;
  return {
    ...copy,
    runSeconds: Math.round(seconds),
    windowShare: rounded(seconds / windowSeconds),
    ...(verified && { verifySeconds: verified.seconds, filesSampled: verified.sampled }),
    ...(expired && {
      expirySeconds: expired.seconds,
      entriesExpired: expired.entries,
      expiryShare: share(expired.seconds).share ?? 0,
    }),
  };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Whether somebody is told: of what is not complete always, unless a policy never wants to hear. */
export function isToTell(verdict: EfsResult['verdict'], notify: EfsRun['notify']): boolean {
  return verdict === 'COMPLETE' ? notify === 'always' : notify !== 'never' || verdict === 'INCOMPLETE';
}

/** The message of a run: a subject of ASCII, 100 characters at most, and a text for a person. */
export function messageOf(result: EfsResult): { subject: string; text: string } {
  const { operation, policy, verdict, generation, kpis, failure, restored, logs } = result;
  const figure = (name: string, words: string) =>
    kpis[name] === undefined ? [] : [`${kpis[name]} ${words}`];
  const figuresLine = [
    ...figure('files', 'files'),
    ...figure('filesTransferred', 'transferred'),
    ...figure('transferredBytes', 'bytes'),
    ...figure('runSeconds', 'seconds in all'),
  ].join(', ');
  const lines = [
    `EFS ${operation} of policy ${policy}: ${verdict}${generation ? `, generation ${generation}` : ''}`,
    ...(figuresLine ? [figuresLine] : []),
    ...(restored ? [`${restored.filesTransferred} files restored, ${restored.deletions} deleted`] : []),
    ...(failure ? [`${failure.Error}: ${failure.Cause}`] : []),
    ...(verdict === 'INCOMPLETE' ? ['The next run continues it. No complete generation was touched.'] : []),
    ...(logs ? [`Logs: s3://${logs.bucket}/${logs.key}`] : []),
    `Run ${result.runId}. docs/runbook.md says what to do.`,
  ];
  return {
    subject: `backup-drill: EFS ${operation} ${policy} ${verdict}`.slice(0, 100),
    text: lines.join('\n'),
  };
}
