/** A line's end in the aws-chunked encoding. */
const LINE_END = '\r\n';

/**
 * Decodes a body that is sent in pieces, `<hex size>[;chunk-signature=…]` and the bytes, ended by a piece of size 0;
 * the headers that follow it (a checksum of what was streamed) go to `trailer`. @throws Error when it breaks off.
 */
export async function* decodeChunked(
  body: AsyncIterable<Uint8Array>,
  trailer: (name: string, value: string) => void,
): AsyncGenerator<Uint8Array> {
  const source = body[Symbol.asyncIterator]();
  let held = Buffer.alloc(0);

  async function more(): Promise<boolean> {
    const { done, value } = await source.next();
    if (!done) held = held.length > 0 ? Buffer.concat([held, value]) : Buffer.from(value);
    return !done;
  }
  async function line(): Promise<string> {
    let end = held.indexOf(LINE_END);
    while (end < 0 && (await more())) end = held.indexOf(LINE_END);
    const text = held.subarray(0, end < 0 ? held.length : end).toString();
    held = held.subarray(end < 0 ? held.length : end + LINE_END.length);
    return text;
  }

  for (;;) {
    let left = Number.parseInt(await line(), 16);
    if (Number.isNaN(left)) throw new Error('the aws-chunked body broke off');
    if (left === 0) break;
    while (left > 0) {
      if (held.length === 0 && !(await more())) throw new Error('the aws-chunked body broke off');
      const piece = held.subarray(0, left);
      held = held.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
    await line();
  }
  for (let header = await line(); header; header = await line()) {
    const colon = header.indexOf(':');
    trailer(header.slice(0, colon).trim().toLowerCase(), header.slice(colon + 1).trim());
  }
}
