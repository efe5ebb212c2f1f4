import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { byRegion } from '../../shared/clients.ts';
import { forgetPoints, readIndex, writeIndex } from '../../shared/pointIndex.ts';
import { indexChanges } from '../../shared/pointLines.ts';
import { regionName } from '../../shared/policy/select.ts';
import { goneAmong, readLines } from '../../shared/readPointLines.ts';
import { strictObject } from '../../shared/strictObject.ts';
import { task } from '../../shared/task.ts';

/**
 * Makes the index of points say what the tags on images and snapshots say, in the Regions named or in all that are
 * switched on. Counts the points whose policy is gone: no retention ever touches those.
 * @throws InvalidInput for a key that it does not know, or a Region that is not there: a misspelt one must not mean all
 */
export const rebuildIndex = task({
  name: 'RebuildIndex',
  input: strictObject({
    regions: v.optional(v.pipe(v.array(regionName), v.minLength(1))),
    AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: v.optional(v.string()),
  }),
  output: v.object({
    regions: v.array(v.string()),
    points: v.number(),
    written: v.number(),
    removed: v.number(),
    policiesGone: v.array(v.object({ policy: v.string(), points: v.number() })),
  }),
  aws: (settings) => ({
    ec2: byRegion((region) => new EC2Client({ ...settings, region })),
    dynamodb: new DynamoDBClient(settings),
    ssm: new SSMClient(settings),
  }),
  run: async ({ regions: named }, { aws, config }) => {
    const { lines, regions } = await readLines(aws.ec2, config, named);
    const old = await readIndex(aws.dynamodb, config.pointsTable);
    const { put, remove } = indexChanges(old, lines, { regions, home: config.region });
    const puts = put.map((Item) => ({
      PutRequest: { Item: marshall(Item, { removeUndefinedValues: true }) },
    }));
    await writeIndex(aws.dynamodb, config.pointsTable, puts);
    await forgetPoints(aws.dynamodb, config.pointsTable, remove);
    const policiesGone = await goneAmong(aws.ssm, config.deployment, lines);
    return { regions, points: lines.length, written: put.length, removed: remove.length, policiesGone };
  },
});
