import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { createEndpoint, letOutToS3, originOf } from '../../shared/endpoints.ts';
import { ResourceNotFound } from '../../shared/errors.ts';
import { instant } from '../../shared/instant.ts';
import { AGENT_SERVICES } from '../../shared/isolation.ts';
import { intend, made } from '../../shared/ledger.ts';
import { endpointsOf } from '../../shared/networkFacts.ts';
import { runId } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/**
 * Gives the sandbox its ways out: the endpoints of Systems Manager, the user's own where there are any, and the rule
 * that lets the instances reach S3, whose prefix list the template cannot know.
 * @throws ResourceNotFound when existing ones were asked for and one is missing; StillClosing while a former endpoint
 * holds its private name.
 */
export const openEndpoints = task({
  name: 'OpenEndpoints',
  input: v.object({ runId, endpoints: v.picklist(['create', 'existing']) }),
  output: v.object({
    endpointIds: v.array(v.string()),
    /** How many of them are of this run. */
    created: v.number(),
    askedAt: instant,
  }),
  aws: (settings) => ({ ec2: new EC2Client(settings), dynamodb: new DynamoDBClient(settings) }),
  run: async ({ runId, endpoints }, { aws, now, config }) => {
    const askedAt = now().toISOString();
    await letOutToS3(aws.ec2, config.sandbox.instanceSecurityGroup, config.region);
    const existing = await endpointsOf(aws.ec2, config.sandbox.vpcId);
    const endpointIds: string[] = [];
    let created = 0;
    for (const service of AGENT_SERVICES) {
      const name = `com.amazonaws.${config.region}.${service}`;
      const origin = originOf(existing, name, config.deployment);
      if (origin.from === 'user') {
        endpointIds.push(origin.id);
        continue;
      }
      if (endpoints === 'existing')
        throw new ResourceNotFound(`${config.sandbox.vpcId} has no endpoint of yours for ${name}`);
      const line = { runId, kind: 'endpoint' as const, key: service };
      await intend(aws.dynamodb, config.runsTable, { ...line, keep: false });
      const id =
        origin.from === 'run' ? origin.id : await createEndpoint(aws.ec2, { runId, service }, config);
      await made(aws.dynamodb, config.runsTable, { ...line, id });
      endpointIds.push(id);
      created++;
    }
    return { endpointIds, created, askedAt };
  },
});
