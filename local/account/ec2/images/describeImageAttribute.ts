import type { DescribeImageAttributeRequest } from '@aws-sdk/client-ec2';
import type { Operation } from '../../service.ts';
import { existing } from '../access.ts';
import { invalidValue } from '../errors.ts';
import type { Inventory } from '../inventory.ts';

/** DescribeImageAttribute: launchPermission, which accounts may use an image. */
export function describeImageAttribute(ec2: Inventory): Operation<DescribeImageAttributeRequest> {
  return {
    access: ({ ImageId }) => existing(ec2, 'DescribeImageAttribute', ec2.images, [ec2.images.get(ImageId)]),
    run: ({ ImageId = '', Attribute }) => {
      if (Attribute !== 'launchPermission') throw invalidValue(Attribute, 'attribute', 'Unknown attribute.');
      const accounts = ec2.holds.sharedWith.get(ImageId) ?? [];
      return { ImageId, LaunchPermissions: accounts.map((UserId) => ({ UserId })) };
    },
  };
}
