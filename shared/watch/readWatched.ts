import { paginateGetParametersByPath, type SSMClient } from '@aws-sdk/client-ssm';
import { type Watched, watched } from './watched.ts';

/** All policies of a deployment. @param path `/<deployment>/policies` */
export async function readWatched(ssm: SSMClient, path: string): Promise<Watched[]> {
  const pages = paginateGetParametersByPath({ client: ssm }, { Path: path });
  const parameters = (await Array.fromAsync(pages)).flatMap(({ Parameters = [] }) => Parameters);
  return parameters.map(({ Name = '', Value = '', LastModifiedDate }) =>
    watched(Name.slice(path.length + 1), (LastModifiedDate ?? new Date(0)).toISOString(), Value),
  );
}
