import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Deployment } from './deployment.ts';
import { UsageError } from './usage.ts';

/** All items of a table's pages. @throws UsageError when the stage has no such table. */
export async function itemsOf(
  { names, region }: Deployment,
  pages: AsyncIterable<{ Items?: Record<string, AttributeValue>[] | undefined }>,
): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  try {
    for await (const page of pages) items.push(...(page.Items ?? []).map((item) => unmarshall(item)));
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException')
      throw new UsageError(`${names.deployment} is not deployed in ${region}: it has no tables there`);
    throw error;
  }
  return items;
}
