import type { DescribeInstanceAttributeRequest } from '@aws-sdk/client-ec2';
import type { Operation } from '../../service.ts';
import { existing } from '../access.ts';
import { invalidValue } from '../errors.ts';
import type { Inventory } from '../inventory.ts';

/** DescribeInstanceAttribute: userData and disableApiTermination. */
export function describeInstanceAttribute(ec2: Inventory): Operation<DescribeInstanceAttributeRequest> {
  return {
    access: ({ InstanceId }) =>
      existing(ec2, 'DescribeInstanceAttribute', ec2.instances, [ec2.instances.get(InstanceId)]),
    run: ({ InstanceId, Attribute }) => {
      const instance = ec2.instances.get(InstanceId);
      switch (Attribute) {
        case 'userData':
          return {
            InstanceId,
            UserData: instance.userData === undefined ? {} : { Value: instance.userData },
          };
        case 'disableApiTermination':
          return { InstanceId, DisableApiTermination: { Value: instance.terminationProtected } };
        default:
          throw invalidValue(Attribute, 'attribute', 'Unknown attribute.');
      }
    },
  };
}
