import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import * as v from 'valibot';
import {
  description,
  expand,
  expandTags,
  imageName,
  instanceTemplate,
  longestExpansion,
  pointTemplate,
  type TemplateValues,
  volumeTemplate,
} from '../../../shared/policy/template.ts';

const values: TemplateValues = {
  account: '123456789012',
  region: 'eu-west-1',
  deployment: 'backup-drill-dev',
  policy: 'nightly',
  runId: 'nightly-d32c5kddcf5bb8c3',
  instanceId: 'i-0123456789abcdef0',
  at: new Date('2026-03-01T04:05:06.789Z'),
};
const own = { volumeId: 'vol-1', device: '/dev/sdf', imageId: 'ami-1', snapshotId: 'snap-1' };

test.each([
  ['{account} {region} {stack}', '123456789012 eu-west-1 backup-drill-dev'],
  ['{policy} {run}', 'nightly nightly-d32c5kddcf5bb8c3'],
  ['{date} {time} {datetime}', '20260301 040506 20260301040506'],
  ['{year}/{month}/{day} {hour}.{minute}.{second}', '2026/03/01 04.05.06'],
  ['{weekday} {iso-date} {iso-datetime}', 'Sun 2026-03-01 2026-03-01T04:05:06'],
  ['{instance-id}-{instance-id}', 'i-0123456789abcdef0-i-0123456789abcdef0'],
  ['{ {}} {constructor}', '{ {}} {constructor}'],
])('%s becomes %s', (text, expanded) => {
  expect(expand(text, values)).toBe(expanded);
});

test('what can become of a template is at least what becomes of it', () => {
  for (const name of [
    'account',
    'region',
    'stack',
    'policy',
    'run',
    'instance-id',
    'weekday',
    'iso-datetime',
  ])
    expect(longestExpansion(`{${name}}`)).toBeGreaterThanOrEqual(expand(`{${name}}`, values).length);
  expect(longestExpansion('at {iso-date}')).toBe('at 2026-03-01'.length);
});

test('volumes, images and snapshots are told where they are known, and are nothing elsewhere', () => {
  expect(expandTags({ a: '{volume-id} {device} {image-id} {snapshot-id}' }, { ...values, ...own })).toEqual({
    a: 'vol-1 /dev/sdf ami-1 snap-1',
  });
  expect(expand('<{volume-id}>', values)).toBe('<>');
});

test('what is told depends on what the text is for', () => {
  const taken = (text: string) =>
    [pointTemplate, instanceTemplate, volumeTemplate].map((schema) => v.safeParse(schema, text).success);
  expect(taken('{instance-id} { {} plain')).toEqual([false, false, false]); // {} names nothing
  expect(taken('{instance-id} { plain')).toEqual([true, true, true]);
  expect(taken('{image-id}')).toEqual([false, true, true]);
  expect(taken('{snapshot-id} {volume-id} {device}')).toEqual([false, false, true]);
  expect(taken('{toString}')).toEqual([false, false, false]);
});

describe("an image's name", () => {
  test('is what the template says where that names instance and run', () => {
    expect(imageName('{policy} {instance-id} {run}', values)).toBe(
      'nightly i-0123456789abcdef0 nightly-d32c5kddcf5bb8c3',
    );
  });

  test('names what the template does not at its end', () => {
    expect(imageName('web, {iso-datetime}: {instance-id}', values)).toBe(
      'web- 2026-03-01T04-05-06- i-0123456789abcdef0 nightly-d32c5kddcf5bb8c3',
    );
  });

  test('tells short runs apart too', () => {
    expect(imageName('a copy of {instance-id}', { ...values, runId: 'a' })).toBe(
      'a copy of i-0123456789abcdef0 a',
    );
  });

  test('is one that CreateImage takes, and another for another instance or run', () => {
    const run = fc.stringMatching(/^[A-Za-z0-9_-]{1,50}$/);
    const instance = fc.stringMatching(/^i-[0-9a-f]{17}$/);
    const text = fc.oneof(
      fc.string({ maxLength: 255 }),
      fc.constant(`${'long '.repeat(40)}{instance-id}{run}`),
      fc
        .array(fc.constantFrom('{policy}', '{instance-id}', '{run}', 'x', ' '))
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, run, instance, (template, runId, instanceId) => {
        const name = imageName(template, { ...values, runId, instanceId });
        expect(name).toMatch(/^[A-Za-z0-9()[\] ./\-'@_]{3,128}$/);
        expect(name).toContain(instanceId);
        expect(name).toContain(runId);
        expect(imageName(template, { ...values, runId, instanceId })).toBe(name);
      }),
    );
  });
});

test('a description is one that AWS takes', () => {
  expect(description('täglich {policy}', values)).toBe('t?glich nightly');
  expect(description(`${'x'.repeat(255)}{policy}`, values)).toHaveLength(255);
});
