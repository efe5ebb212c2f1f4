import { CreateImageCommand, DescribeImagesCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { isNamed } from './awsErrors.ts';
import { NotYetListed } from './errors.ts';

/**
 * Begins an image, or finds the one that an earlier try began: CreateImage takes no client token, but names are unique.
 * @returns its id. @throws NotYetListed while an earlier one is not listed yet.
 */
export async function createOrFindImage(
  ec2: EC2Client,
  request: CreateImageCommand['input'] & { Name: string },
): Promise<string> {
  try {
    return (await ec2.send(new CreateImageCommand(request))).ImageId ?? '';
  } catch (error) {
    if (!isNamed(error, 'InvalidAMIName.Duplicate')) throw error;
  }
  const byName = { Owners: ['self'], Filters: [{ Name: 'name', Values: [request.Name] }] };
  const { Images } = await ec2.send(new DescribeImagesCommand(byName));
  const id = Images?.[0]?.ImageId;
  if (!id) throw new NotYetListed(`an image named "${request.Name}" exists, but is not listed yet`);
  return id;
}
