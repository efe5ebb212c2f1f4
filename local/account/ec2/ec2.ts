import type { Tag } from '@aws-sdk/client-ec2';
import type { Account } from '../account.ts';
import { AwsError, type Operation, type Service } from '../service.ts';
import { describeOperations } from './describe.ts';
import { type Fleet, type FleetNetwork, fleetNetwork, seedFleet } from './fleet.ts';
import type { Holds } from './holds.ts';
import { createImage } from './images/createImage.ts';
import { deregisterImage } from './images/deregisterImage.ts';
import { describeImageAttribute } from './images/describeImageAttribute.ts';
import { PUBLIC_IMAGES, publishImage } from './images/publicImage.ts';
import { startInstances, stopInstances, terminateInstances } from './instances/changeState.ts';
import { describeInstanceAttribute } from './instances/describeInstanceAttribute.ts';
import { describeInstanceTypes } from './instances/describeInstanceTypes.ts';
import { stateOf } from './instances/instance.ts';
import { isOnline } from './instances/lifecycle.ts';
import { runInstances } from './instances/runInstances.ts';
import { Inventory } from './inventory.ts';
import { LaunchTemplates } from './launchTemplates.ts';
import { authorizeSecurityGroupEgress } from './network/authorizeEgress.ts';
import { createVpcEndpoint } from './network/createVpcEndpoint.ts';
import { deleteVpcEndpoints } from './network/deleteVpcEndpoints.ts';
import { NetworkMaker } from './network/fromTemplate.ts';
import { reaches } from './network/reach.ts';
import { describeRegions } from './regions.ts';
import { type SeededIds, type SeededPoint, seedPoint } from './seededPoints.ts';
import { createSnapshots } from './snapshots/createSnapshots.ts';
import { deleteSnapshot } from './snapshots/deleteSnapshot.ts';
import { describeLockedSnapshots, describeSnapshotAttribute } from './snapshots/describeHolds.ts';
import { createTags } from './tags/createTags.ts';
import { Throttle } from './throttle.ts';
import { deleteVolume } from './volumes/deleteVolume.ts';

/** EC2 with EBS and VPC in one Region. */
export class Ec2Service implements Service {
  readonly operations: Record<string, Operation>;
  /** Makes the network of a stack: what CloudFormation does, and no operation here. */
  readonly network: NetworkMaker;
  readonly launchTemplates: LaunchTemplates;
  readonly #ec2: Inventory;
  readonly #throttle = new Throttle();
  readonly #published = new Map<string, string>();
  #fleetNetwork: FleetNetwork | undefined;

  constructor(account: Account, region: string) {
    this.#ec2 = new Inventory(account, region);
    this.network = new NetworkMaker(this.#ec2);
    this.launchTemplates = new LaunchTemplates(this.#ec2, (parameter) => this.publicImageId(parameter));
    const operations = Object.entries(operationsOf(this.#ec2));
    this.operations = Object.fromEntries(
      operations.map(([name, operation]) => [name, asEc2(this.#ec2, this.#throttle, name, operation)]),
    );
  }

  /** What exists before a story begins: instances without data, at once. Answers with their ids. */
  seedFleet(fleet: Fleet): string[] {
    this.#fleetNetwork ??= fleetNetwork(this.network);
    return seedFleet(this.#ec2, this.#fleetNetwork, fleet);
  }

  /** What exists before a story begins: recovery points without data, at once. Answers with their ids. */
  seedPoints(points: Iterable<SeededPoint>): SeededIds[] {
    return [...points].map((point) => seedPoint(this.#ec2, point));
  }

  /**
   * Lets somebody else in this account and Region call an action so many times a second, from now on: it takes part of
   * the action's request tokens. 0 ends it.
   */
  callInBackground(action: string, perSecond: number): void {
    this.#throttle.takeInBackground(action, perSecond, this.#ec2.now);
  }

  /** Lets AWS have no more capacity for an instance type, or some again: then none starts, or is launched. */
  setCapacity(instanceType: string, available: boolean): void {
    if (available) this.#ec2.withoutCapacity.delete(instanceType);
    else this.#ec2.withoutCapacity.add(instanceType);
  }

  /** Makes a role known by its instance profile. */
  registerInstanceProfile(name: string, roleName: string): void {
    this.#ec2.profiles.set(name, roleName);
  }

  /** The image that a public parameter names, made when it is first asked for; undefined for other parameters. */
  publicImageId(parameterName: string): string | undefined {
    const image = PUBLIC_IMAGES[parameterName];
    if (!image) return undefined;
    const id = this.#published.get(parameterName) ?? publishImage(this.#ec2, image);
    this.#published.set(parameterName, id);
    return id;
  }

  /** Whether the agent is in touch with Systems Manager now: up, allowed, and with a path. */
  agentOnline(instanceId: string): boolean {
    const instance = this.#ec2.instances.peek(instanceId);
    return instance !== undefined && isOnline(this.#ec2, instance);
  }

  /** Ids of the instances whose agent is online, of all or of these, one by one: to find out costs something. */
  *onlineInstances(among?: readonly string[]): Generator<string> {
    const all = this.#ec2.instances;
    const instances = among ? among.flatMap((id) => all.peek(id) ?? []) : all.all();
    for (const instance of instances) if (isOnline(this.#ec2, instance)) yield instance.id;
  }

  /** Whether routes, endpoints and security groups lead from an instance to S3. */
  canReachS3(instanceId: string): boolean {
    const instance = this.#ec2.instances.peek(instanceId);
    return instance !== undefined && reaches(this.#ec2, instance, 's3');
  }

  /** The state of an instance as it is now, whatever the lists show; undefined once it is forgotten. */
  stateOf(instanceId: string): string | undefined {
    const instance = this.#ec2.instances.peek(instanceId);
    return instance && stateOf(instance);
  }

  /** Lets instances mount what is mountable in their VPC and zone. */
  offerFileSystems(mountable: Inventory['fileSystemsFor']): void {
    this.#ec2.fileSystemsFor = mountable;
  }

  /** Lets an image use a snapshot that it was not made with, as one that somebody registered does. */
  useSnapshot(imageId: string, SnapshotId: string): void {
    const image = this.#ec2.images.peek(imageId);
    if (!image) return;
    this.#ec2.images.change(image, (data) => {
      data.BlockDeviceMappings = [
        ...(data.BlockDeviceMappings ?? []),
        { DeviceName: '/dev/sdz', Ebs: { SnapshotId } },
      ];
    });
  }

  /** What people put on images and snapshots: locks, protection, permissions of others. */
  get holds(): Holds {
    return this.#ec2.holds;
  }

  instanceTags(instanceId: string): Tag[] {
    return this.#ec2.instances.peek(instanceId)?.data.Tags ?? [];
  }

  /** Gives an instance a tag that only AWS may set, such as `aws:autoscaling:groupName`. */
  tagAsAws(instanceId: string, Key: string, Value: string): void {
    const instance = this.#ec2.instances.peek(instanceId);
    if (!instance) return;
    this.#ec2.instances.change(instance, (data) => {
      data.Tags = [...(data.Tags ?? []), { Key, Value }];
    });
  }
}

/** EC2 of a Region, for the account. */
export function ec2Service(account: Account, region: string): Ec2Service {
  return new Ec2Service(account, region);
}

/** What holds for every operation: request limits before anything else, dry runs, and no time while it works. */
function asEc2(ec2: Inventory, throttle: Throttle, name: string, operation: Operation): Operation {
  return {
    access: (input, call) => {
      if (ec2.account.physics.throttling) throttle.charge(name, input, ec2.now);
      return operation.access(input, call);
    },
    run: (input, call) => {
      if (input.DryRun)
        throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
      return ec2.account.clock.hold(() => operation.run(input, call));
    },
  };
}

function operationsOf(ec2: Inventory): Record<string, Operation> {
  return {
    ...describeOperations(ec2),
    DescribeImageAttribute: describeImageAttribute(ec2),
    DescribeLockedSnapshots: describeLockedSnapshots(ec2),
    DescribeSnapshotAttribute: describeSnapshotAttribute(ec2),
    DescribeInstanceAttribute: describeInstanceAttribute(ec2),
    DescribeInstanceTypes: describeInstanceTypes(),
    DescribeRegions: describeRegions(ec2.account),
    RunInstances: runInstances(ec2),
    StartInstances: startInstances(ec2),
    StopInstances: stopInstances(ec2),
    TerminateInstances: terminateInstances(ec2),
    CreateImage: createImage(ec2),
    CreateSnapshots: createSnapshots(ec2),
    DeregisterImage: deregisterImage(ec2),
    DeleteSnapshot: deleteSnapshot(ec2),
    DeleteVolume: deleteVolume(ec2),
    CreateTags: createTags(ec2),
    CreateVpcEndpoint: createVpcEndpoint(ec2),
    DeleteVpcEndpoints: deleteVpcEndpoints(ec2),
    AuthorizeSecurityGroupEgress: authorizeSecurityGroupEgress(ec2),
  };
}
