import { type AttributeValue, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { SSMClient } from '@aws-sdk/client-ssm';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { parsed } from '../../shared/parsed.ts';
import { task } from '../../shared/task.ts';
import { failedStart, problemsOf, type RunSeen } from '../../shared/watch/problems.ts';
import { readRuns } from '../../shared/watch/readRuns.ts';
import { readWatched } from '../../shared/watch/readWatched.ts';
import { told, whatToTell } from '../../shared/watch/telling.ts';
import type { Watched } from '../../shared/watch/watched.ts';

const KEY = { id: 'watch', entry: 'told' };

/**
 * Finds the policies whose last complete run is older than promised, those whose runs could not be started, and those
 * that cannot be read; says what is to be told now, and what is to be remembered of it afterwards.
 */
export const watchPolicies = task({
  name: 'WatchPolicies',
  input: v.object({ failedStarts: v.array(failedStart) }),
  output: v.object({
    policies: v.number(),
    /** Everything that is wrong, one line each. */
    problems: v.array(v.string()),
    /** Undefined when nothing of it is new, or a day older than when it was told. */
    message: v.optional(v.object({ subject: v.string(), text: v.string() })),
    /** An item of the table of runs as DynamoDB takes it. */
    remember: v.record(
      v.string(),
      v.custom<AttributeValue>(() => true),
    ),
  }),
  aws: (settings) => ({ ssm: new SSMClient(settings), dynamodb: new DynamoDBClient(settings) }),
  run: async ({ failedStarts }, { aws, now, config }) => {
    const TableName = config.runsTable;
    const policies = await readWatched(aws.ssm, `/${config.deployment}/policies`);
    const runs = await readRuns(aws.dynamodb, TableName, policies, now());
    const { Item } = await aws.dynamodb.send(
      new GetItemCommand({ TableName, Key: marshall(KEY), ConsistentRead: true }),
    );
    const before = parsed(told, Item ? unmarshall(Item).problems : {});
    const problems = problemsOf({ policies, runs, failedStarts }, now());
    const { message, told: after } = whatToTell(problems, before, known(policies, runs), now());
    return {
      policies: policies.length,
      problems: problems.flatMap(({ policy, lines }) => lines.map((line) => `${policy}: ${line}`)),
      ...(message && { message }),
      remember: marshall({ ...KEY, problems: after }),
    };
  },
});

function known(policies: readonly Watched[], runs: readonly RunSeen[]) {
  return policies.map(({ name }) => {
    const last = runs.find(({ policy, complete }) => complete && policy === name);
    return { name, ...(last && { lastComplete: last.startedAt }) };
  });
}
