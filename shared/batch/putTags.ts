import { CreateTagsCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { isThrottling } from '../awsErrors.ts';
import { NotYetListed } from '../errors.ts';
import { tagList } from '../tags.ts';
import { afterRefusal, isGone, type Marking } from './marking.ts';
import type { TagJob } from './tagJobs.ts';

/**
 * Tags all of these, or none: then what is left to be tried, and what is refused for good.
 * @param isNew whether what EC2 does not find may only be too new. @throws NotYetListed then; what asks for patience
 */
export async function putTags(ec2: EC2Client, job: TagJob, isNew: boolean): Promise<Marking> {
  try {
    await ec2.send(new CreateTagsCommand({ Resources: job.ids, Tags: tagList(job.tags) }));
    return { left: [], refused: [] };
  } catch (error) {
    if (isThrottling(error) || !(error instanceof Error)) throw error;
    if (isGone(error) && isNew) throw new NotYetListed(`${error}`);
    return afterRefusal(job, error);
  }
}
