import * as v from 'valibot';
import { runFailure } from '../drillFacts.ts';
import { secondsBetween } from '../duration.ts';
import { parsed } from '../parsed.ts';
import type { EfsRun } from './efsRun.ts';
import { generation } from './generations.ts';

/** Figures by their names, as documents print them; whatever is not a number or an instant is left out. */
const figures = v.pipe(
  v.record(v.string(), v.unknown()),
  v.transform((all) => {
    const plain = Object.entries(all).filter(
      ([, value]) =>
        typeof value === 'number' || (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)),
    );
    return parsed(v.record(v.string(), v.union([v.number(), v.string()])), Object.fromEntries(plain));
  }),
);
export type Figures = v.InferOutput<typeof figures>;

/** What the steps of a run have come to, as far as they came. */
export const efsFacts = v.object({
  copied: v.optional(
    v.looseObject({ status: v.string(), generation: v.string(), kpis: v.optional(figures) }),
  ),
  verified: v.optional(v.looseObject({ entries: v.number(), sampled: v.number(), seconds: v.number() })),
  published: v.optional(v.looseObject({ generation: v.string() })),
  listed: v.optional(v.array(generation)),
  expired: v.optional(
    v.looseObject({
      expired: v.array(v.string()),
      left: v.array(v.string()),
      seconds: v.number(),
      entries: v.number(),
    }),
  ),
  restored: v.optional(
    v.looseObject({
      status: v.string(),
      generation: v.string(),
      filesTransferred: v.number(),
      transferredBytes: v.number(),
      deletions: v.number(),
      seconds: v.number(),
      examples: v.optional(v.array(v.string()), []),
    }),
  ),
  /** Of the source, as CloudWatch has measured it: burst credits before and after in bytes, throughput in bytes a second. */
  throughput: v.optional(v.record(v.string(), v.number())),
  failure: v.optional(runFailure),
});
export type EfsFacts = v.InferOutput<typeof efsFacts>;

/** What a worker has left when it was taken down, whoever took it down. */
export const workerFigures = v.object({
  phase: v.optional(v.string()),
  kpis: v.nullish(figures),
  logs: v.optional(v.object({ bucket: v.string(), key: v.string() })),
});
export type WorkerFigures = v.InferOutput<typeof workerFigures>;

export const efsResult = v.object({
  runId: v.string(),
  policy: v.string(),
  operation: v.picklist(['backup', 'restore']),
  /** INCOMPLETE: the next run continues it; FAILED: somebody is to look at it. */
  verdict: v.picklist(['COMPLETE', 'INCOMPLETE', 'FAILED']),
  generation: v.optional(v.string()),
  startedAt: v.string(),
  finishedAt: v.string(),
  kpis: v.record(v.string(), v.union([v.number(), v.string()])),
  restored: efsFacts.entries.restored,
  expired: v.array(v.string()),
  /** Expired, but not all of it deleted: the next run goes on. */
  left: v.optional(v.array(v.string()), []),
  logs: workerFigures.entries.logs,
  failure: v.optional(runFailure),
});
export type EfsResult = v.InferOutput<typeof efsResult>;

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
    left: expired?.left ?? [],
    logs: worker.logs,
    failure,
  };
}

/** The copy's own figures, and those of what came after it; shares are of the whole run. */
function kpisOf(copy: Figures, facts: EfsFacts, seconds: number, windowSeconds: number): Figures {
  const share = (part: number | undefined) =>
    part === undefined ? {} : { share: rounded(part / Math.max(1, seconds)) };
  const { verified, expired, throughput } = facts;
  return {
    ...copy,
    ...throughput,
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
    ...result.left.map((one) => `${one} is not deleted yet; the next run goes on with it.`),
    ...(logs ? [`Logs: s3://${logs.bucket}/${logs.key}`] : []),
    `Run ${result.runId}. docs/runbook.md says what to do.`,
  ];
  return {
    subject: `backup-drill: EFS ${operation} ${policy} ${verdict}`.slice(0, 100),
    text: lines.join('\n'),
  };
}
