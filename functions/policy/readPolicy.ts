import { DescribeRegionsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetParameterCommand, paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import { InvalidInput } from '../../shared/errors.ts';
import { policy, policyName } from '../../shared/policy/policy.ts';
import { runId } from '../../shared/recoveryPoint.ts';
import { strictObject } from '../../shared/strictObject.ts';
import { parse, task } from '../../shared/task.ts';

const input = strictObject({
  policy: policyName,
  /** Says what would be done, and does nothing. */
  dryRun: v.optional(v.boolean(), false),
  /** Of the run that this is a part of; the execution's own name unless told. */
  runId: v.optional(runId),
  AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: v.optional(v.string()),
});

/**
 * Reads a policy by its name, and the Regions that it means. @throws InvalidInput naming the policies that there are,
 * what a policy of another version holds that this one does not know, or the parameter that is no JSON
 */
export const readPolicy = task({
  name: 'ReadPolicy',
  input: v.object({ input, executionName: v.string() }),
  output: v.object({ runId, dryRun: v.boolean(), policy, regions: v.array(v.string()) }),
  aws: (settings) => ({ ssm: new SSMClient(settings), ec2: new EC2Client(settings) }),
  run: async ({ input, executionName }, { aws, config }) => {
    const path = `/${config.deployment}/policies`;
    const text = await textOf(aws.ssm, `${path}/${input.policy}`);
    if (text === undefined) {
      const names = await namesBelow(aws.ssm, path);
      throw new InvalidInput(
        `there is no policy ${input.policy}; there is ${names.join(', ') || 'none at all'}`,
      );
    }
    const found = parse(policy, readJson(text, `${path}/${input.policy}`), `policy ${input.policy}`);
    const { regions = [config.region] } = found.select;
    return {
      runId: input.runId ?? runIdOf(executionName),
      dryRun: input.dryRun,
      policy: found,
      regions: regions === '*' ? await enabledRegions(aws.ec2) : regions,
    };
  },
});

function readJson(text: string, parameter: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    throw new InvalidInput(
      `the parameter ${parameter} is no JSON, so its policy cannot be read: ${fault}; somebody changed it, so deploy again`,
    );
  }
}

/** Of an execution's name, which may be longer and hold more than a run's id: its end is what tells runs apart. */
function runIdOf(executionName: string): string {
  return executionName.replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(-50);
}

async function textOf(ssm: SSMClient, Name: string): Promise<string | undefined> {
  try {
    return (await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value;
  } catch (error) {
    if (error instanceof Error && error.name === 'ParameterNotFound') return undefined;
    throw error;
  }
}

async function namesBelow(ssm: SSMClient, Path: string): Promise<string[]> {
  const pages = paginateGetParametersByPath({ client: ssm }, { Path });
  const parameters = (await Array.fromAsync(pages)).flatMap(({ Parameters = [] }) => Parameters);
  return parameters.map(({ Name = '' }) => Name.slice(Path.length + 1)).sort();
}

/** Those that are switched on for the account; others are not in the answer. */
async function enabledRegions(ec2: EC2Client): Promise<string[]> {
  const { Regions = [] } = await ec2.send(new DescribeRegionsCommand({}));
  return Regions.flatMap(({ RegionName }) => RegionName ?? []).sort();
}
