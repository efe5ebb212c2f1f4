import type { Image, Instance, Snapshot } from '@aws-sdk/client-ec2';
import { TAG, tagValue } from './tags.ts';

/** What the run knows of the instance that it wants to terminate, from when it launched and backed it up. */
export interface InterlockExpectation {
  instanceId: string;
  /** ISO 8601, EC2's own. */
  launchTime: string;
  accountId: string;
  runId: string;
  deployment: string;
  /** Image of the verified recovery point. */
  imageId: string;
}

/** What was read just now, in the task that terminates. */
export interface InterlockFacts {
  instance: Instance | undefined;
  /** The account that owns the instance, and the one that this task runs in. */
  ownerId: string | undefined;
  callerAccountId: string | undefined;
  image: Image | undefined;
  snapshots: readonly Snapshot[];
  /** Undefined when it could not be read. */
  terminationProtected: boolean | undefined;
}

/**
 * Every condition for terminating an instance that does not hold; none means that it may be terminated. What could not
 * be read does not hold.
 */
export function interlockRefusals(facts: InterlockFacts, expected: InterlockExpectation): string[] {
  const { instance } = facts;
  if (!instance) return [`${expected.instanceId} is not there`];
  return [
    ...identityRefusals(instance, facts, expected),
    ...consentRefusals(instance, facts, expected),
    ...pointRefusals(facts.image, expected),
    ...volumeRefusals(instance, facts),
  ];
}

function identityRefusals(
  instance: Instance,
  facts: InterlockFacts,
  expected: InterlockExpectation,
): string[] {
  const { ownerId, callerAccountId } = facts;
  const state = instance.State?.Name ?? 'in no state';
  const launchTime = instance.LaunchTime?.toISOString();
  return refusals([
    [instance.InstanceId === expected.instanceId, `it is ${instance.InstanceId}, not ${expected.instanceId}`],
    [
      launchTime !== undefined && Date.parse(launchTime) === Date.parse(expected.launchTime),
      `it was launched at ${launchTime}, not at ${expected.launchTime}`,
    ],
    [state === 'running' || state === 'stopped', `it is ${state}, neither running nor stopped`],
    [ownerId === expected.accountId, `it belongs to account ${ownerId}, not to ${expected.accountId}`],
    [
      callerAccountId === expected.accountId,
      `this runs in account ${callerAccountId}, not in ${expected.accountId}`,
    ],
  ]);
}

function consentRefusals(
  instance: Instance,
  facts: InterlockFacts,
  expected: InterlockExpectation,
): string[] {
  const tag = (key: string) => tagValue(instance.Tags, key);
  const group = tag('aws:autoscaling:groupName');
  const protection = facts.terminationProtected === undefined ? 'cannot be read' : 'is on';
  return refusals([
    [tag(TAG.terminate) === 'allowed', `its tag ${TAG.terminate} is ${tag(TAG.terminate)}, not allowed`],
    [tag(TAG.deployment) === expected.deployment, `it belongs to deployment ${tag(TAG.deployment)}`],
    [tag(TAG.run) === expected.runId, `it belongs to run ${tag(TAG.run)}`],
    [group === undefined, `it is a member of Auto Scaling group ${group}`],
    [
      facts.terminationProtected === false,
      `its termination protection ${protection}, and is never switched off`,
    ],
  ]);
}

function pointRefusals(image: Image | undefined, expected: InterlockExpectation): string[] {
  if (!image) return [`its recovery point ${expected.imageId} is not there`];
  const tag = (key: string) => tagValue(image.Tags, key);
  return refusals([
    [image.ImageId === expected.imageId, `its recovery point is ${image.ImageId}, not ${expected.imageId}`],
    [image.State === 'available', `its recovery point is ${image.State}, not available`],
    [tag(TAG.status) === 'verified', `its recovery point is ${tag(TAG.status)}, not verified`],
    [tag(TAG.resource) === expected.instanceId, `the recovery point is one of ${tag(TAG.resource)}`],
    [
      tag(TAG.deployment) === expected.deployment,
      `the recovery point is one of deployment ${tag(TAG.deployment)}`,
    ],
  ]);
}

/** A drill excludes no volume: each must be in a snapshot that the point's image holds and that is completed. */
function volumeRefusals(instance: Instance, { image, snapshots }: InterlockFacts): string[] {
  const held = (image?.BlockDeviceMappings ?? []).flatMap((mapping) => mapping.Ebs?.SnapshotId ?? []);
  const volumes = (instance.BlockDeviceMappings ?? []).flatMap((mapping) => mapping.Ebs?.VolumeId ?? []);
  if (volumes.length === 0) return ['its volumes cannot be read'];
  return volumes.flatMap((volume) => {
    const snapshot = snapshots.find((one) => one.VolumeId === volume && held.includes(one.SnapshotId ?? ''));
    if (!snapshot) return [`${volume} is in no snapshot of the recovery point`];
    if (snapshot.State === 'completed') return [];
    return [`${volume} is in ${snapshot.SnapshotId}, which is ${snapshot.State}, not completed`];
  });
}

function refusals(conditions: [holds: boolean, otherwise: string][]): string[] {
  return conditions.flatMap(([holds, otherwise]) => (holds ? [] : [otherwise]));
}
