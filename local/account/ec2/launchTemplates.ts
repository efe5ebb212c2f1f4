import type { RequestLaunchTemplateData, RunInstancesRequest, Tag } from '@aws-sdk/client-ec2';
import { AwsError } from '../service.ts';
import type { Inventory } from './inventory.ts';

/** An image that is looked up when an instance is launched. */
const RESOLVED = 'resolve:ssm:';

/** Launch templates as CloudFormation makes them, and the launches that Auto Scaling asks for by them. */
export class LaunchTemplates {
  readonly #ec2: Inventory;
  readonly #imageOf: (parameterName: string) => string | undefined;
  readonly #templates = new Map<string, RequestLaunchTemplateData>();

  /** @param imageOf the image that a public parameter of Systems Manager names */
  constructor(ec2: Inventory, imageOf: (parameterName: string) => string | undefined) {
    this.#ec2 = ec2;
    this.#imageOf = imageOf;
  }

  /** @returns its id */
  create(data: RequestLaunchTemplateData): string {
    const id = this.#ec2.newId('lt');
    this.#templates.set(id, data);
    return id;
  }

  /** One instance of a template in a subnet, with the tags that its group gives it. @throws AwsError */
  request(id: string, SubnetId: string, groupTags: { Key: string; Value: string }[]): RunInstancesRequest {
    const data = this.#templates.get(id);
    if (!data)
      throw new AwsError(
        'InvalidLaunchTemplateId.NotFound',
        `The specified launch template, with template ID ${id}, does not exist.`,
      );
    const { SecurityGroupIds, MetadataOptions, ImageId = '', TagSpecifications = [], ...rest } = data;
    const [card] = data.NetworkInterfaces ?? [];
    const imageId = ImageId.startsWith(RESOLVED) ? this.#imageOf(ImageId.slice(RESOLVED.length)) : ImageId;
    const tags: Tag[] = groupTags.map(({ Key, Value }) => ({ Key, Value }));
    const others = TagSpecifications.flatMap(({ ResourceType, Tags }) =>
      ResourceType === 'instance' ? [] : [{ ResourceType, Tags }],
    );
    const own = TagSpecifications.find((one) => one.ResourceType === 'instance')?.Tags ?? [];
    return {
      ...pick(rest),
      ...(imageId !== undefined && { ImageId: imageId }),
      MinCount: 1,
      MaxCount: 1,
      ...(card
        ? { NetworkInterfaces: [{ DeviceIndex: 0, SubnetId, Groups: card.Groups }] }
        : { SubnetId, SecurityGroupIds }),
      ...(MetadataOptions && {
        MetadataOptions: {
          HttpTokens: MetadataOptions.HttpTokens,
          HttpEndpoint: MetadataOptions.HttpEndpoint,
          HttpPutResponseHopLimit: MetadataOptions.HttpPutResponseHopLimit,
        },
      }),
      TagSpecifications: [{ ResourceType: 'instance', Tags: [...own, ...tags] }, ...others],
    };
  }
}

/** What a template and a request have in common as it stands. */
function pick(data: RequestLaunchTemplateData): Partial<RunInstancesRequest> {
  const { InstanceType, IamInstanceProfile, UserData, EbsOptimized } = data;
  return {
    InstanceType,
    IamInstanceProfile,
    UserData,
    EbsOptimized,
    BlockDeviceMappings: data.BlockDeviceMappings?.map(({ DeviceName, Ebs }) => ({ DeviceName, Ebs })),
  };
}
