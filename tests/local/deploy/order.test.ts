import { expect, test } from '@jest/globals';
import { creationOrder } from '../../../local/deploy/order.ts';
import type { Value } from '../../../local/deploy/template.ts';

const needing = (...values: Value[]) => ({ Type: 'T', Properties: { values } });

test('each resource comes after all that it refers to, in whatever way', () => {
  const order = creationOrder({
    Machine: needing({
      'Fn::Sub': ['${x} ${Topic} ${!Ghost} ${AWS::Region}', { x: { 'Fn::GetAtt': ['Role', 'Arn'] } }],
    }),
    Role: needing({ 'Fn::GetAtt': 'Table.Arn' }),
    Topic: { ...needing(), DependsOn: 'Key' },
    Table: needing({ a: { Ref: 'Key' } }),
    Key: needing(),
  });
  expect(order).toHaveLength(5);
  const comesAfter = (later: string, earlier: string) => order.indexOf(later) > order.indexOf(earlier);
  expect(['Role', 'Topic'].every((needed) => comesAfter('Machine', needed))).toBe(true);
  expect([comesAfter('Role', 'Table'), comesAfter('Topic', 'Key'), comesAfter('Table', 'Key')]).toEqual([
    true,
    true,
    true,
  ]);
});

test('resources that need each other are named', () => {
  const resources = { Outside: needing({ Ref: 'A' }), A: needing({ Ref: 'B' }), B: needing({ Ref: 'A' }) };
  expect(() => creationOrder(resources)).toThrow('Circular dependency between resources: [A, B]');
});

test('a DependsOn that leads nowhere is named', () => {
  const resources = { A: { ...needing(), DependsOn: ['Ghost'] } };
  expect(() => creationOrder(resources)).toThrow('A: DependsOn Ghost leads nowhere');
});
