import { describe, expect, test } from '@jest/globals';
import { decodeChunked } from '../../../local/wire/chunked.ts';

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size));
}

async function decoded(text: string, size: number) {
  const trailers: Record<string, string> = {};
  const chunks: Uint8Array[] = [];
  const body = decodeChunked(inPieces(text, size), (name, value) => {
    trailers[name] = value;
  });
  for await (const chunk of body) chunks.push(chunk);
  return { body: Buffer.concat(chunks).toString(), trailers };
}

const SIGNED =
  '5;chunk-signature=aa\r\nab\r\nc\r\n3\r\ndef\r\n0;chunk-signature=bb\r\nX-Amz-Checksum-CRC32: AAAA==\r\n\r\n';

describe('a body in pieces', () => {
  test.each([1, 2, 3, 7, 1000])(
    'is the same however the network cuts it (%i bytes at a time)',
    async (size) => {
      expect(await decoded(SIGNED, size)).toEqual({
        body: 'ab\r\ncdef',
        trailers: { 'x-amz-checksum-crc32': 'AAAA==' },
      });
    },
  );

  test('may be empty and may lack a trailer', async () => {
    expect(await decoded('0\r\n\r\n', 4)).toEqual({ body: '', trailers: {} });
  });

  test.each(['5\r\nab', '', '2\r\nab\r\n'])(
    'that breaks off is an error, not a shorter object: %j',
    async (text) => {
      await expect(decoded(text, 3)).rejects.toThrow('broke off');
    },
  );
});
