import type { BlockDeviceMapping, CreateImageRequest, Tag } from '@aws-sdk/client-ec2';
import { milliseconds } from '../../physics.ts';
import { type Access, AwsError, type Operation } from '../../service.ts';
import { coming, existing, taggingAtCreation, tagsFor } from '../access.ts';
import { type InstanceItem, isIn } from '../instances/instance.ts';
import { boot, goAway, shutDown } from '../instances/lifecycle.ts';
import type { Inventory } from '../inventory.ts';
import { checkPending, checkSnapshotQuota } from '../snapshots/limits.ts';
import { takeSnapshot } from '../snapshots/takeSnapshot.ts';
import { checkSpecifications } from '../tags/tags.ts';
import { type ImageItem, isOwn } from './image.ts';

/** CreateImage: of a running instance, rebooted unless NoReboot, or of a stopped one. Its name makes it unique. */
export function createImage(ec2: Inventory): Operation<CreateImageRequest> {
  return {
    access: (input) => accessOf(ec2, input),
    run: (input) => {
      const instance = ec2.instances.get(input.InstanceId);
      checkName(ec2, input.Name);
      checkQuota(ec2);
      checkSpecifications(input.TagSpecifications, ['image', 'snapshot']);
      if (!isIn(instance, 'running', 'stopped'))
        throw new AwsError(
          'IncorrectInstanceState',
          `The instance '${instance.id}' is not in a state from which it can be imaged.`,
        );
      if (instance.data.RootDeviceType !== 'ebs')
        throw new AwsError(
          'UnsupportedOperation',
          `The instance '${instance.id}' does not have an 'ebs' root device type and cannot be imaged.`,
        );
      const mappings = mappingsOf(ec2, instance, input.BlockDeviceMappings ?? []);
      checkSnapshotQuota(ec2, mappings.length);
      for (const { volumeId } of mappings) checkPending(ec2, volumeId);
      const image = addImage(ec2, instance, input, mappings);
      capture(ec2, instance, image, mappings, {
        reboots: isIn(instance, 'running') && !input.NoReboot,
        tags: tagsFor('snapshot', input.TagSpecifications),
      });
      return { ImageId: image.id };
    },
  };
}

/** A device of the image to be, and the volume that it is taken from. */
interface Capture {
  mapping: BlockDeviceMapping;
  volumeId: string;
}

/** What happens over the next minutes: each volume is copied as it is at a moment of its own. */
function capture(
  ec2: Inventory,
  instance: InstanceItem,
  image: ImageItem,
  captures: Capture[],
  { reboots, tags }: { reboots: boolean; tags: Tag[] },
): void {
  const { physics } = ec2.account;
  const moments = captures.map(() => ec2.moment(physics.snapshotStarted));
  const last = Math.max(...moments);
  const availableAt = Math.max(ec2.now + imageDuration(ec2), last);
  if (reboots) {
    goAway(instance);
    ec2.at(Math.min(...moments), () => isIn(instance, 'running') && shutDown(ec2, instance));
  }
  let failed = false;
  for (const [at, { mapping, volumeId }] of captures.entries())
    ec2.at(moments[at] ?? last, async () => {
      const before = milliseconds(physics.snapshotCompletedBefore, ec2.account.random);
      const taken = await takeSnapshot(ec2, {
        volumeId,
        completeAt: availableAt - before,
        tags,
        description: `Created by CreateImage(${instance.id}) for ${image.id}`,
      });
      if (!taken) failed = true;
      else
        ec2.images.change(image, () => {
          mapping.Ebs = { ...mapping.Ebs, SnapshotId: taken.id };
        });
      ec2.note(image.id, `snapshot-of-${volumeId}`);
    });
  if (reboots)
    ec2.at(
      Math.max(ec2.moment(physics.reboot), last),
      () => isIn(instance, 'running') && boot(ec2, instance),
    );
  ec2.at(availableAt, () => {
    if (!ec2.images.peek(image.id)) return;
    image.data.State = failed ? 'failed' : 'available';
    if (failed) image.data.StateReason = { Code: 'Client.VolumeNotFound', Message: 'A volume is gone' };
    ec2.note(image.id, image.data.State);
  });
}

/** Milliseconds from the call to `available`: anything within the span, or when it is bimodal one of its two ends. */
function imageDuration({ account: { physics, random } }: Inventory): number {
  const [shortest, longest] = physics.imageAvailable;
  if (physics.snapshotProgress !== 'bimodal') return milliseconds(physics.imageAvailable, random);
  return (random() < 0.5 ? shortest : longest) * 1000;
}

function addImage(
  ec2: Inventory,
  instance: InstanceItem,
  input: CreateImageRequest,
  captures: Capture[],
): ImageItem {
  const id = ec2.newId('ami');
  return ec2.images.add({
    id,
    ...ec2.visibility(),
    data: {
      ImageId: id,
      Name: input.Name,
      ...(input.Description !== undefined && { Description: input.Description }),
      State: 'pending',
      OwnerId: ec2.account.id,
      Public: false,
      CreationDate: new Date(ec2.now).toISOString(),
      Architecture: instance.data.Architecture,
      RootDeviceName: instance.data.RootDeviceName,
      RootDeviceType: 'ebs',
      SourceInstanceId: instance.id,
      BlockDeviceMappings: captures.map((one) => one.mapping),
      Tags: tagsFor('image', input.TagSpecifications),
    },
  });
}

/** The devices of an image: those of the instance, but the ones that the request leaves out. */
function mappingsOf(ec2: Inventory, instance: InstanceItem, requested: BlockDeviceMapping[]): Capture[] {
  const left = new Set(requested.filter((one) => one.NoDevice !== undefined).map((one) => one.DeviceName));
  if (left.has(instance.data.RootDeviceName))
    throw new AwsError('InvalidBlockDeviceMapping', 'The root device cannot be left out');
  return (instance.data.BlockDeviceMappings ?? [])
    .filter((one) => !left.has(one.DeviceName))
    .map(({ DeviceName, Ebs }) => {
      const volume = ec2.volumes.peek(Ebs?.VolumeId)?.data;
      const { Size: VolumeSize, VolumeType, Encrypted, Iops, Throughput } = volume ?? {};
      const { DeleteOnTermination } = Ebs ?? {};
      return {
        volumeId: Ebs?.VolumeId ?? '',
        mapping: {
          DeviceName,
          Ebs: { DeleteOnTermination, VolumeSize, VolumeType, Encrypted, Iops, Throughput },
        },
      };
    });
}

function checkName(ec2: Inventory, name: string | undefined): void {
  if (!/^[\w ()[\]./'@-]{3,128}$/.test(name ?? ''))
    throw new AwsError(
      'InvalidAMIName.Malformed',
      "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, and ()[] ./-'@_",
    );
  const holder = ec2.images.having('name', name ?? '').find((image) => isOwn(ec2, image));
  if (holder)
    throw new AwsError('InvalidAMIName.Duplicate', `AMI name ${name} is already in use by AMI ${holder.id}`);
}

/** Images that are there or coming, deregistered ones not counted. @throws AwsError ResourceLimitExceeded */
function checkQuota(ec2: Inventory): void {
  const quota = ec2.account.physics.imagesPerRegion;
  if (ec2.images.count('owner-id', ec2.account.id) >= quota)
    throw new AwsError(
      'ResourceLimitExceeded',
      `You have reached your quota of ${quota} for the number of images allowed in this Region. Deregister unused images, or request an increase in your AMIs quota.`,
    );
}

function accessOf(ec2: Inventory, input: CreateImageRequest): Access[] {
  const { TagSpecifications: tags } = input;
  const instance = ec2.instances.get(input.InstanceId);
  return [
    coming(ec2, 'CreateImage', 'image', tags, { 'ec2:Owner': ec2.account.id }),
    ...existing(ec2, 'CreateImage', ec2.instances, [instance]),
    coming(ec2, 'CreateImage', 'snapshot', tags),
    ...taggingAtCreation(ec2, 'CreateImage', tags),
  ];
}
