import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { parsed } from '../parsed.ts';
import type { RunSeen } from './problems.ts';
import { allowanceOf, type Watched } from './watched.ts';

/** Complete runs before that are not looked for, unless one so old is good enough; Step Functions forgets them too. */
const LOOKED_BACK = 90 * 86_400_000;

/** Records of runs of policies and on EFS, as far as the watch reads them. */
const record = v.object({
  id: v.string(),
  policy: v.string(),
  startedAt: v.string(),
  verdict: v.string(),
  counts: v.optional(v.object({ selected: v.number(), verified: v.number() })),
  failures: v.optional(v.array(v.string()), []),
  failure: v.nullish(v.object({ Error: v.string(), Cause: v.string() })),
});

/** The runs of each policy that can be late, the newest first, back to its last complete one or for 90 days. */
export async function readRuns(
  dynamodb: DynamoDBClient,
  table: string,
  policies: readonly Watched[],
  now: Date,
): Promise<RunSeen[]> {
  const found: RunSeen[] = [];
  for (const kind of ['policy', 'efs-backup']) {
    const wanted = policies.flatMap(({ policy }) => {
      const allowance = policy && allowanceOf(policy, now.getTime());
      const isOfKind = (policy?.capture === 'efs') === (kind === 'efs-backup');
      return allowance && isOfKind ? [{ name: policy.name, age: allowance.age }] : [];
    });
    const oldest = now.getTime() - Math.max(LOOKED_BACK, ...wanted.map(({ age }) => age));
    const names = wanted.map(({ name }) => name);
    found.push(...(await runsOf(dynamodb, table, kind, names, new Date(oldest).toISOString())));
  }
  return found;
}

async function runsOf(
  dynamodb: DynamoDBClient,
  TableName: string,
  kind: string,
  policies: string[],
  since: string,
): Promise<RunSeen[]> {
  const wanted = new Set(policies);
  const found: RunSeen[] = [];
  if (wanted.size === 0) return found;
  const pages = paginateQuery(
    { client: dynamodb },
    {
      TableName,
      IndexName: 'by-kind',
      KeyConditionExpression: '#kind = :kind AND #startedAt > :since',
      ExpressionAttributeNames: { '#kind': 'kind', '#startedAt': 'startedAt' },
      ExpressionAttributeValues: { ':kind': { S: kind }, ':since': { S: since } },
      ScanIndexForward: false,
      Limit: 100, // a page; most often the first has the last complete run of each policy
    },
  );
  for await (const { Items = [] } of pages) {
    for (const run of Items.map((item) => seen(parsed(record, unmarshall(item))))) {
      if (!wanted.has(run.policy)) continue;
      found.push(run);
      if (run.complete) wanted.delete(run.policy);
    }
    if (wanted.size === 0) break;
  }
  return found;
}

function seen({ verdict, counts, failures, failure, ...run }: v.InferOutput<typeof record>): RunSeen {
  const [first] = failure ? [`${failure.Error}: ${failure.Cause}`] : failures;
  const backedUp = counts ? [`${counts.verified} of ${counts.selected} backed up`] : [verdict];
  return {
    policy: run.policy,
    id: run.id,
    startedAt: run.startedAt,
    complete: verdict.toLowerCase() === 'complete',
    cameTo: [...backedUp, ...(first ? [first] : [])].join('; '),
  };
}
