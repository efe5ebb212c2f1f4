import { describe, expect, test } from '@jest/globals';
import { schemaText } from '../../../resources/policies/schema.ts';

const schema = JSON.parse(schemaText());
const kinds: { properties: Record<string, Keys>; additionalProperties: boolean }[] =
  schema.properties.policies.additionalProperties.oneOf;
interface Keys {
  description?: string;
  default?: unknown;
  const?: string;
  enum?: string[];
  anyOf?: { properties: object; additionalProperties: boolean }[];
}

describe('policies.schema.json', () => {
  test('has a kind of policy for each capture, and takes no other keys than it knows', () => {
    expect(kinds.map(({ properties }) => properties.capture?.const)).toEqual(['ami', 'snapshots', 'efs']);
    expect([schema, ...kinds].map(({ additionalProperties }) => additionalProperties)).toEqual(
      Array(4).fill(false),
    );
  });

  test('completes the keys of a retention', () => {
    expect(kinds[0]?.properties.keep?.anyOf?.map(({ properties }) => properties)).toEqual([
      { days: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER } },
      { count: expect.anything() },
      Object.fromEntries(
        ['hourly', 'daily', 'weekly', 'monthly', 'yearly'].map((key) => [key, expect.anything()]),
      ),
    ]);
  });

  test('says what a key is for, what it may be, and what it is when it is left out', () => {
    expect(kinds[0]?.properties.consistency).toEqual({
      description: 'How the instance is brought to rest: reboot, stop, freeze or none',
      type: 'string',
      enum: ['reboot', 'stop', 'freeze', 'none'],
      default: 'reboot',
    });
  });

  test('names expressions, which hold each other', () => {
    expect(schema.$defs.expression.properties.not).toEqual({ $ref: '#/$defs/expression' });
  });
});
