import type { DescribeRegionsRequest, DescribeRegionsResult } from '@aws-sdk/client-ec2';
import type { Account } from '../account.ts';
import { AwsError, type Operation } from '../service.ts';
import { everything } from './access.ts';

/** The Regions that every account has from its first day. */
const REGIONS = [
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
];

/** The Regions of an account that are switched on. */
export function describeRegions(account: Account): Operation<DescribeRegionsRequest, DescribeRegionsResult> {
  return {
    access: () => everything('DescribeRegions'),
    run: ({ AllRegions, Filters, RegionNames }) => {
      if (AllRegions || Filters?.length || RegionNames?.length)
        throw new AwsError('NotSimulated', 'only the plain DescribeRegions is simulated', 501);
      const on = REGIONS.filter((name) => !account.switchedOff.has(name));
      return {
        Regions: on.map((RegionName) => ({
          RegionName,
          Endpoint: `ec2.${RegionName}.amazonaws.com`,
          OptInStatus: 'opt-in-not-required',
        })),
      };
    },
  };
}
