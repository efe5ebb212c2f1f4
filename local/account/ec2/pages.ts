import { AwsError } from '../service.ts';
import { firstAfter, type Placed } from './places.ts';

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
 * Cuts a page out of those of a list that pass: all of them when no MaxResults is given. A token holds a place, so that
 * a page costs what it looks at, and what comes or goes between two pages moves nothing.
 * @throws AwsError InvalidParameterValue for a MaxResults outside 5 to 1,000, InvalidNextToken.
 */
export function page<It>(
  list: readonly Placed<It>[],
  { MaxResults, NextToken }: Paging,
  passes: (item: It) => boolean = () => true,
): Page<It> {
  if (MaxResults !== undefined && (MaxResults < FEWEST || MaxResults > MOST))
    throw new AwsError(
      'InvalidParameterValue',
      `Value ( ${MaxResults} ) for parameter maxResults is invalid. Expecting a value between ${FEWEST} and ${MOST}.`,
    );
  const items: It[] = [];
  let last = 0;
  for (let at = NextToken === undefined ? 0 : firstAfter(list, placeOf(NextToken)); at < list.length; at++) {
    const found = list[at];
    if (!found || !passes(found.item)) continue;
    if (items.length === MaxResults)
      return { items, NextToken: Buffer.from(`after ${last}`).toString('base64') };
    items.push(found.item);
    last = found.place;
  }
  return { items };
}

function placeOf(token: string): number {
  const found = /^after (\d+)$/.exec(Buffer.from(token, 'base64').toString());
  if (!found) throw new AwsError('InvalidNextToken', 'The specified NextToken is not valid.');
  return Number(found[1]);
}
