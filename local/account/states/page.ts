import { AwsError } from '../service.ts';

/**
 * One page of a list that only grows, and the token of the next one: a place in the list, so that what is added
 * between two pages moves nothing. Up to 100 items unless told. @throws AwsError InvalidToken
 */
export function page<T>(
  list: readonly T[],
  asked: { maxResults?: number | undefined; nextToken?: string | undefined; reverse?: boolean | undefined },
  accept: (item: T) => boolean = () => true,
): { items: T[]; nextToken?: string } {
  const step = asked.reverse ? -1 : 1;
  const first = asked.reverse ? list.length - 1 : 0;
  let at = asked.nextToken === undefined ? first : Number(Buffer.from(asked.nextToken, 'base64').toString());
  if (!Number.isInteger(at)) throw new AwsError('InvalidToken', `Invalid Token: '${asked.nextToken}'`);
  const items: T[] = [];
  for (; items.length < (asked.maxResults || 100); at += step) {
    const item = list[at];
    if (item === undefined) break;
    if (accept(item)) items.push(item);
  }
  return { items, ...(list[at] !== undefined && { nextToken: Buffer.from(String(at)).toString('base64') }) };
}
