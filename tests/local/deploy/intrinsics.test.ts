import { describe, expect, test } from '@jest/globals';
import { resolve, resolveCondition, type Scope } from '../../../local/deploy/intrinsics.ts';
import type { Value } from '../../../local/deploy/template.ts';

const scope: Scope = {
  ref: (name) => ({ Topic: 'arn:topic', 'AWS::Region': 'eu-west-1' })[name],
  attribute: (resource, attribute) =>
    new Map<string, Value>([
      ['Key.Arn', 'arn:key'],
      ['Db.Endpoint.Port', 5432],
    ]).get(`${resource}.${attribute}`),
  condition: (name) => name === 'IsProd',
  availabilityZones: (region) => [`${region || 'here'}a`, `${region || 'here'}b`],
};
const resolved = (value: Value) => resolve(value, scope, 'Thing');

describe('intrinsic functions', () => {
  test.each<[string, Value, Value]>([
    ['Ref', { Ref: 'Topic' }, 'arn:topic'],
    ['GetAtt of a list', { 'Fn::GetAtt': ['Key', 'Arn'] }, 'arn:key'],
    ['GetAtt of a text, with a dot in the attribute', { 'Fn::GetAtt': 'Db.Endpoint.Port' }, 5432],
    ['Sub', { 'Fn::Sub': '${Topic}/${Key.Arn}/${AWS::Region}' }, 'arn:topic/arn:key/eu-west-1'],
    [
      'Sub with values of its own',
      { 'Fn::Sub': ['${a}-${Topic}', { a: { Ref: 'Topic' } }] },
      'arn:topic-arn:topic',
    ],
    ['Sub with a literal', { 'Fn::Sub': '${!NotMe} ${Topic}' }, '${NotMe} arn:topic'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::Region' }]] }, 'a-eu-west-1'],
    ['Select of Split', { 'Fn::Select': [1, { 'Fn::Split': [':', { Ref: 'Topic' }] }] }, 'topic'],
    ['Select of GetAZs', { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }, 'herea'],
    ['If', { 'Fn::If': ['IsProd', { Ref: 'Topic' }, 'no'] }, 'arn:topic'],
    ['If not', { 'Fn::If': ['IsTest', 'yes', ['no']] }, ['no']],
    [
      'NoValue, which leaves the property out',
      { a: 1, b: { 'Fn::If': ['IsTest', 1, { Ref: 'AWS::NoValue' }] } },
      { a: 1 },
    ],
    ['NoValue in a list', [1, { Ref: 'AWS::NoValue' }], [1]],
    ['one deep inside', { a: [{ b: { Ref: 'Topic' } }] }, { a: [{ b: 'arn:topic' }] }],
    ['none: an object with more keys than one', { Ref: 'Topic', b: 1 }, { Ref: 'Topic', b: 1 }],
    [
      'none: a statement with a Condition',
      { Condition: { Bool: { a: 'true' } } },
      { Condition: { Bool: { a: 'true' } } },
    ],
  ])('%s', (_, value, expected) => {
    expect(resolved(value)).toEqual(expected);
  });

  test.each<[Value, string]>([
    [{ 'Fn::ImportValue': 'x' }, 'Thing: Fn::ImportValue is not supported'],
    [{ Ref: 'Nothing' }, 'Thing: Ref Nothing leads nowhere'],
    [{ 'Fn::GetAtt': ['Key', 'Color'] }, 'Thing: Fn::GetAtt Key.Color leads nowhere'],
    [{ 'Fn::Sub': 'a ${Nothing}' }, 'Thing: Ref Nothing leads nowhere'],
    [{ 'Fn::Sub': 'a ${Key.Color}' }, 'Thing: Fn::GetAtt Key.Color leads nowhere'],
    [{ 'Fn::Select': [5, ['a']] }, 'Thing: Fn::Select 5 leads nowhere'],
    [{ 'Fn::Join': 'x' }, 'Thing: "x" is not a list'],
  ])('%j is refused', (value, message) => {
    expect(() => resolved(value)).toThrow(message);
  });

  test('conditions combine', () => {
    const holds = (value: Value) => resolveCondition(value, scope, 'IsHere');
    expect(holds({ 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] })).toBe(true);
    expect(holds({ 'Fn::And': [{ Condition: 'IsProd' }, { 'Fn::Not': [{ Condition: 'IsTest' }] }] })).toBe(
      true,
    );
    expect(holds({ 'Fn::Or': [{ Condition: 'IsTest' }, { 'Fn::Equals': ['a', 'b'] }] })).toBe(false);
  });
});
