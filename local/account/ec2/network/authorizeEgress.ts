import type { AuthorizeSecurityGroupEgressRequest, IpPermission } from '@aws-sdk/client-ec2';
import { AwsError, type Operation } from '../../service.ts';
import { existing } from '../access.ts';
import { letAgentsRetry } from '../instances/lifecycle.ts';
import type { Inventory } from '../inventory.ts';

/** AuthorizeSecurityGroupEgress: all rules are added, or none when one is there already. */
export function authorizeSecurityGroupEgress(ec2: Inventory): Operation<AuthorizeSecurityGroupEgressRequest> {
  return {
    access: ({ GroupId }) =>
      existing(ec2, 'AuthorizeSecurityGroupEgress', ec2.groups, [ec2.groups.get(GroupId)]),
    run: ({ GroupId, IpPermissions = [] }) => {
      const { IpPermissionsEgress: rules } = ec2.groups.get(GroupId).data;
      const there = rules.flatMap(wordsOf);
      const twice = IpPermissions.flatMap(wordsOf).find((words) => there.includes(words));
      if (twice)
        throw new AwsError('InvalidPermission.Duplicate', `the specified rule "${twice}" already exists`);
      rules.push(...structuredClone(IpPermissions));
      letAgentsRetry(ec2);
      return { Return: true };
    },
  };
}

/** A permission as the single rules that it stands for, one a peer, in EC2's words. */
function wordsOf({ IpProtocol, FromPort, ToPort, ...peers }: IpPermission): string[] {
  const names = [
    ...(peers.IpRanges ?? []).map((range) => range.CidrIp),
    ...(peers.PrefixListIds ?? []).map((list) => list.PrefixListId),
    ...(peers.UserIdGroupPairs ?? []).map((pair) => pair.GroupId),
  ];
  const ports = `from port: ${FromPort}, to port: ${ToPort}`;
  return names.map((name) => `peer: ${name}, ${IpProtocol?.toUpperCase()}, ${ports}, ALLOW`);
}
