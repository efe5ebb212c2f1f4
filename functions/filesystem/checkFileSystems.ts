import {
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  type Subnet,
} from '@aws-sdk/client-ec2';
import {
  DescribeFileSystemPolicyCommand,
  DescribeFileSystemsCommand,
  DescribeMountTargetsCommand,
  EFSClient,
} from '@aws-sdk/client-efs';
import * as v from 'valibot';
import { unlessNotFound } from '../../shared/awsErrors.ts';
import { mountFault } from '../../shared/efs/filePolicy.ts';
import { packageFault } from '../../shared/efs/wayOut.ts';
import { ResourceNotFound, UnsupportedTarget } from '../../shared/errors.ts';
import { task } from '../../shared/task.ts';

/**
 * Checks, before a worker is launched, that it could do its work: both file systems are available, may be mounted
 * without IAM and have a mount target in the zone of each subnet, and each subnet has a way to the packages unless the
 * image is the user's own. @throws ResourceNotFound, UnsupportedTarget naming everything that is wrong
 */
export const checkFileSystems = task({
  name: 'CheckFileSystems',
  input: v.object({
    source: v.string(),
    destination: v.string(),
    /** What the worker is to do with the source. */
    access: v.picklist(['read', 'write']),
    subnets: v.pipe(v.array(v.string()), v.minLength(1)),
    ownImage: v.boolean(),
  }),
  output: v.object({ encrypted: v.object({ source: v.boolean(), destination: v.boolean() }) }),
  aws: (settings) => ({ ec2: new EC2Client(settings), efs: new EFSClient(settings) }),
  run: async ({ source, destination, access, subnets: SubnetIds, ownImage }, { aws }) => {
    const { Subnets = [] } = await aws.ec2.send(new DescribeSubnetsCommand({ SubnetIds }));
    const faults = [
      ...(await faultsOf(aws.efs, source, access, Subnets)),
      ...(await faultsOf(aws.efs, destination, 'write', Subnets)),
    ];
    if (!ownImage) {
      const Filters = [{ Name: 'vpc-id', Values: [Subnets[0]?.VpcId ?? ''] }];
      const { RouteTables = [] } = await aws.ec2.send(new DescribeRouteTablesCommand({ Filters }));
      const remedy = 'name an image that has them (workerAmi), or subnets with a NAT gateway';
      for (const subnet of Subnets) {
        const fault = packageFault(subnet, RouteTables);
        if (fault) faults.push(`${fault}; ${remedy}`);
      }
    }
    if (faults.length > 0) throw new UnsupportedTarget(faults.join('; '));
    return {
      encrypted: {
        source: await isEncrypted(aws.efs, source),
        destination: await isEncrypted(aws.efs, destination),
      },
    };
  },
});

async function isEncrypted(efs: EFSClient, FileSystemId: string): Promise<boolean> {
  const { FileSystems } = await efs.send(new DescribeFileSystemsCommand({ FileSystemId }));
  return FileSystems?.[0]?.Encrypted ?? false;
}

/** What keeps a worker in these subnets from mounting a file system. */
async function faultsOf(
  efs: EFSClient,
  FileSystemId: string,
  access: 'read' | 'write',
  subnets: Subnet[],
): Promise<string[]> {
  const found = await unlessNotFound(
    efs.send(new DescribeFileSystemsCommand({ FileSystemId })),
    'FileSystemNotFound',
  );
  const [fileSystem] = found?.FileSystems ?? [];
  if (!fileSystem)
    throw new ResourceNotFound(`there is no file system ${FileSystemId} in this account and Region`);
  const faults: string[] = [];
  const state = fileSystem.LifeCycleState;
  if (state !== 'available') faults.push(`${FileSystemId} is ${state}`);
  const policy = await unlessNotFound(
    efs.send(new DescribeFileSystemPolicyCommand({ FileSystemId })),
    'PolicyNotFound',
  );
  const refused = mountFault(policy?.Policy, access);
  if (refused)
    faults.push(`the policy of ${FileSystemId} ${refused}; the worker mounts over TLS, without IAM`);
  const { MountTargets = [] } = await efs.send(new DescribeMountTargetsCommand({ FileSystemId }));
  const ready = MountTargets.filter((target) => target.LifeCycleState === 'available');
  for (const { SubnetId, VpcId, AvailabilityZone } of subnets)
    if (!ready.some((target) => target.VpcId === VpcId && target.AvailabilityZoneName === AvailabilityZone))
      faults.push(`${FileSystemId} has no mount target in ${AvailabilityZone}, where ${SubnetId} is`);
  return faults;
}
