import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { GetParameterCommand, paginateGetParametersByPath, type SSMClient } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import { unlessNotFound } from '../awsErrors.ts';
import type { Config } from '../config.ts';
import { ResourceNotFound } from '../errors.ts';
import { type EfsPolicy, efsPolicy } from '../policy/policy.ts';
import { TAG } from '../tags.ts';
import { parse } from '../task.ts';
import { CLOSING, type EfsRun } from './efsRun.ts';
import { folderOf, runIdOf, workerGroup } from './names.ts';
import { describeGroup, groupTag } from './workers.ts';

/** Seconds that a lock outlives its window: what is verified and expired late, the worker's hook and termination. */
const AFTER_WINDOW = 3 * 3600;

/** What a machine says of its own execution. */
export interface ExecutionFacts {
  executionName: string;
  executionArn: string;
  startedAt: string;
}

/**
 * A policy with `capture: efs` as it is deployed, and what a run by it knows from the start.
 * @throws ResourceNotFound when there is none of the name, or its group is missing; InvalidInput when it captures
 * something else
 */
export async function startByPolicy(
  aws: { ssm: SSMClient; autoScaling: AutoScalingClient },
  name: string,
  execution: ExecutionFacts,
  config: Config,
): Promise<{ policy: EfsPolicy; run: EfsRun }> {
  const policy = await readEfsPolicy(aws.ssm, name, config);
  const group = await describeGroup(aws.autoScaling, workerGroup(config.deployment, name));
  const started = Date.parse(execution.startedAt);
  const windowSeconds = policy.windowMinutes * 60;
  const after = (seconds: number) => new Date(started + seconds * 1000).toISOString();
  return {
    policy,
    run: {
      runId: runIdOf(execution.executionName),
      executionArn: execution.executionArn,
      policy: name,
      group: group.AutoScalingGroupName ?? '',
      source: policy.source,
      destination: groupTag(group, TAG.destination) ?? '',
      folder: folderOf(policy.prefix, name),
      subnets: group.VPCZoneIdentifier?.split(',') ?? [],
      ownImage: policy.workerAmi !== undefined,
      startedAt: new Date(started).toISOString(),
      stopAt: after(windowSeconds - CLOSING),
      windowEnd: after(windowSeconds),
      windowSeconds,
      lockSeconds: windowSeconds + AFTER_WINDOW,
      notify: policy.notify,
      ...(policy.metricsEndpoint !== undefined && { metricsEndpoint: policy.metricsEndpoint }),
    },
  };
}

/** @throws ResourceNotFound when there is no such policy, InvalidInput when it captures something else */
export async function readEfsPolicy(ssm: SSMClient, name: string, config: Config): Promise<EfsPolicy> {
  const Name = `/${config.deployment}/policies/${name}`;
  const found = await unlessNotFound(ssm.send(new GetParameterCommand({ Name })), 'ParameterNotFound');
  const text = found?.Parameter?.Value;
  if (text === undefined)
    throw new ResourceNotFound(`there is no policy ${name}; see policies.yml, and deploy it`);
  return parse(efsPolicy, JSON.parse(text), `policy ${name}`);
}

/**
 * The folders of a file system in which policies of this deployment have their generations, by their prefixes. On the
 * run's own destination those of file systems that the stack made count too: which one it is, only its group knows.
 */
export async function foldersOn(
  ssm: SSMClient,
  fileSystem: string,
  run: Pick<EfsRun, 'destination' | 'folder' | 'policy'>,
  config: Config,
): Promise<string[]> {
  const own = fileSystem === run.destination;
  const pages = paginateGetParametersByPath({ client: ssm }, { Path: `/${config.deployment}/policies` });
  const parameters = (await Array.fromAsync(pages)).flatMap(({ Parameters = [] }) => Parameters);
  const others = parameters.flatMap(({ Value = '' }) => {
    const { success, output } = v.safeParse(efsPolicy, JSON.parse(Value));
    if (!success) return []; // of instances
    const there = 'id' in output.destination ? output.destination.id === fileSystem : own;
    return there ? [output.prefix] : [];
  });
  return [...new Set([...(own ? [run.folder.slice(0, -run.policy.length - 1)] : []), ...others])];
}
