import { AwsError } from '../service.ts';

/** One page of a list, and where the next one begins. */
export interface Page<Item> {
  items: Item[];
  NextToken?: string;
}

/** What a request says of pages. */
export interface Paging {
  MaxResults?: number | undefined;
  NextToken?: string | undefined;
}

const FEWEST = 5;
const MOST = 1000;

/**
 * Cuts a page out of a list: all of it when no MaxResults is given.
 * @throws AwsError InvalidParameterValue for a MaxResults outside 5 to 1,000, InvalidNextToken.
 */
export function page<Item extends { id: string }>(
  items: Item[],
  { MaxResults, NextToken }: Paging,
): Page<Item> {
  if (MaxResults !== undefined && (MaxResults < FEWEST || MaxResults > MOST))
    throw new AwsError(
      'InvalidParameterValue',
      `Value ( ${MaxResults} ) for parameter maxResults is invalid. Expecting a value between ${FEWEST} and ${MOST}.`,
    );
  const start = NextToken === undefined ? 0 : startOf(NextToken);
  const end = MaxResults === undefined ? items.length : start + MaxResults;
  const found = items.slice(start, end);
  return end < items.length
    ? { items: found, NextToken: Buffer.from(`from ${end}`).toString('base64') }
    : { items: found };
}

function startOf(token: string): number {
  const found = /^from (\d+)$/.exec(Buffer.from(token, 'base64').toString());
  if (!found) throw new AwsError('InvalidNextToken', 'The specified NextToken is not valid.');
  return Number(found[1]);
}
