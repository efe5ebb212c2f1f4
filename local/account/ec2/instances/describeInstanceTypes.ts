import type { DescribeInstanceTypesRequest, DescribeInstanceTypesResult } from '@aws-sdk/client-ec2';
import type { Operation } from '../../service.ts';
import { everything } from '../access.ts';

/** Families with disks of their own: a `d` among the letters after the generation, or storage as their purpose. */
const INSTANCE_STORE = /^([a-z]+\d+[a-z]*d[a-z]*|i\d[a-z]*|im\d[a-z]*|is\d[a-z]*|d\d[a-z]*|h1)\./;

/** DescribeInstanceTypes by type: only whether it has instance store. */
export function describeInstanceTypes(): Operation<
  DescribeInstanceTypesRequest,
  DescribeInstanceTypesResult
> {
  return {
    access: () => everything('DescribeInstanceTypes'),
    run: ({ InstanceTypes = [] }) => ({
      InstanceTypes: InstanceTypes.map((InstanceType) => ({
        InstanceType,
        InstanceStorageSupported: INSTANCE_STORE.test(InstanceType),
      })),
    }),
  };
}
