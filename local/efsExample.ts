import type { Account } from './account/account.ts';
import type { Ec2Service } from './account/ec2/ec2.ts';
import type { Efs } from './account/efs/efs.ts';

/** The stage whose policies are policies.efs.yml, and what that file names. */
export const EFS_EXAMPLE = {
  stage: 'efs',
  policy: 'home',
  source: 'fs-0a1b2c3d4e5f60718',
  destination: 'fs-0b1c2d3e4f5061728',
  vpc: 'vpc-0e0f5e0f5e0f5e0f5',
  subnet: 'subnet-0e0f5e0f5e0f5e0f5',
} as const;

/** Directories of this machine for the two file systems; empty ones of the account's own unless told. */
export interface EfsDirectories {
  source?: string | undefined;
  destination?: string | undefined;
}

/** Makes what an account has that uses EFS: two file systems, and a subnet with mount targets and a NAT gateway. */
export function prepareEfs(account: Account, region: string, directories: EfsDirectories = {}): void {
  const { network } = account.service<Ec2Service>('ec2', region);
  const VpcId = network.createVpc({ id: EFS_EXAMPLE.vpc, CidrBlock: '10.5.0.0/16' });
  const SubnetId = network.createSubnet({ id: EFS_EXAMPLE.subnet, VpcId, CidrBlock: '10.5.1.0/24' });
  const RouteTableId = network.createRouteTable({ VpcId });
  network.createRoute({
    RouteTableId,
    DestinationCidrBlock: '0.0.0.0/0',
    NatGatewayId: 'nat-0e0f5e0f5e0f5e0f5',
  });
  network.associateRouteTable({ RouteTableId, SubnetId });
  const efs = account.service<Efs>('elasticfilesystem', region);
  const { zone } = network.place(SubnetId);
  for (const which of ['source', 'destination'] as const) {
    const directory = directories[which];
    const FileSystemId = efs.createFileSystem({
      id: EFS_EXAMPLE[which],
      encrypted: true,
      tags: [{ Key: 'Name', Value: which }],
      throughputMode: which === 'source' ? 'bursting' : 'elastic',
      ...(directory !== undefined && { directory }),
    });
    efs.createMountTarget({ FileSystemId, SubnetId, VpcId, zone });
  }
}
