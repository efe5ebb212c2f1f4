import { expect, test } from '@jest/globals';
import { packageFault } from '../../../shared/efs/wayOut.ts';

const subnet = { SubnetId: 'subnet-1', VpcId: 'vpc-1', MapPublicIpOnLaunch: false };
const table = (route: object, association: object = { SubnetId: 'subnet-1' }) => ({
  VpcId: 'vpc-1',
  Associations: [association],
  Routes: [{ DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local' }, route],
});
const out = { DestinationCidrBlock: '0.0.0.0/0' };

test('a NAT gateway leads to the packages, also by the main table', () => {
  const nat = { ...out, NatGatewayId: 'nat-1' };
  expect(packageFault(subnet, [table(nat)])).toBeUndefined();
  expect(packageFault(subnet, [table(nat, { Main: true })])).toBeUndefined();
});

test('an internet gateway does only with public addresses', () => {
  const tables = [table({ ...out, GatewayId: 'igw-1' })];
  expect(packageFault(subnet, tables)).toBe(
    'subnet-1 leads to an internet gateway, but gives no public addresses',
  );
  expect(packageFault({ ...subnet, MapPublicIpOnLaunch: true }, tables)).toBeUndefined();
});

test("without a default route there is no way, whatever another subnet's table or a dead route says", () => {
  const elsewhere = table({ ...out, NatGatewayId: 'nat-1' }, { SubnetId: 'subnet-2' });
  const dead = table({ ...out, NatGatewayId: 'nat-1', State: 'blackhole' });
  expect(packageFault(subnet, [elsewhere])).toBe('subnet-1 has no route to the packages');
  expect(packageFault(subnet, [dead])).toBe('subnet-1 has no route to the packages');
});
