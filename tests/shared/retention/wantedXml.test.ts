import { parseXML } from '@aws-sdk/xml-builder';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readXml } from '../../../shared/retention/wantedXml.ts';

const NAMES = ['item', 'imageId', 'tagSet', 'ebs', 'itemOther'];

/** Text as an answer has it: not of blanks alone, which layouts are made of. */
const text = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .filter((each) => each.trim() !== '' && !each.includes('\r'));
const escaped = (plain: string) =>
  plain.replace(/[&<>"']/g, (char) => `&#x${char.codePointAt(0)?.toString(16)};`).replace(/\n/g, '&#xA;');

/** Elements of elements, or of a text. */
const { element } = fc.letrec<{ element: string }>((tie) => ({
  element: fc
    .record({
      name: fc.constantFrom(...NAMES),
      inside: fc.oneof(
        { maxDepth: 4 },
        text.map(escaped),
        fc.constant(''),
        fc
          .record({
            children: fc.array(tie('element'), { maxLength: 4 }),
            layout: fc.constantFrom('', '\n  '),
          })
          .map(
            ({ children, layout }) =>
              children.map((child) => layout + child).join('') + (children.length > 0 ? layout : ''),
          ),
      ),
      empty: fc.boolean(),
    })
    .map(({ name, inside, empty }) =>
      inside === '' && empty ? `<${name}/>` : `<${name}>${inside}</${name}>`,
    ),
}));

/** What the SDK's own reader makes of it, less the attribute of the root. */
function readBySdk(xml: string) {
  const { xmlns: _, ...rest } = parseXML(xml).Answer;
  return rest;
}

describe('the reader of answers', () => {
  test('reads what the SDK reads, when everything is wanted', () => {
    fc.assert(
      fc.property(fc.array(element, { minLength: 1, maxLength: 4 }), (elements) => {
        const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Answer xmlns="http://ec2">\n${elements.join('\n')}\n</Answer>`;
        expect(readXml(xml, new Set(NAMES))).toEqual(readBySdk(xml));
      }),
      { numRuns: 300 },
    );
  });

  test('passes over what is not wanted, with all that is in it', () => {
    const xml = '<a><b><c>1</c><d><c>2</c></d></b><c>3</c><e/><c>4</c></a>';
    expect(readXml(xml, new Set(['c']))).toEqual({ c: ['3', '4'], e: '' });
    expect(readXml(xml, new Set(['b', 'c']))).toEqual({ b: { c: '1' }, c: ['3', '4'], e: '' });
  });

  test.each(['<a><c>1</c>', '<a><c>1', '<a><c>1</b></a>', '<a><b>1</a>', ''])(
    'an answer that is cut is none: %j',
    (xml) => {
      expect(() => readXml(xml, new Set(['c']))).toThrow();
    },
  );
});
