import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { packageTemplate } from '../../../local/deploy/package.ts';

const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));
let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'package-'));
  for (const folder of ['functions', 'statemachines', 'shared', 'resources'])
    mkdirSync(join(project, folder));
  for (const file of ['package.json', 'package-lock.json']) writeFileSync(join(project, file), '{}');
  symlinkSync(modules, join(project, 'node_modules'));
  topicNamed('one');
});
afterAll(() => rmSync(project, { recursive: true }));

function topicNamed(name: string) {
  writeFileSync(
    join(project, 'serverless.yml'),
    `service: tiny
provider: { name: aws, runtime: nodejs24.x }
resources: { Resources: { Topic: { Type: AWS::SNS::Topic, Properties: { TopicName: '${name}' } } } }
`,
  );
}

const packaged = () => packageTemplate({ stage: 'dev', region: 'eu-west-1', project });
const template = (directory: string) =>
  readFileSync(join(directory, 'cloudformation-template-update-stack.json'), 'utf8');

test('a package is made once for the same inputs, also by two at once, and anew when one changes', async () => {
  const [first, second] = await Promise.all([packaged(), packaged()]);
  expect(second).toBe(first);
  expect(template(first)).toContain('"TopicName": "one"');
  const { mtimeMs } = statSync(first);
  expect(await packaged()).toBe(first);
  expect(statSync(first).mtimeMs).toBe(mtimeMs);

  topicNamed('two');
  const changed = await packaged();
  expect(changed).not.toBe(first);
  expect(template(changed)).toContain('"TopicName": "two"');
  expect(readdirSync(join(project, '.backup-drill', 'package'))).toHaveLength(2);
}, 60_000);

test('what the framework objects to is told in one piece, and leaves nothing behind', async () => {
  topicNamed('${param:missing}');
  const error = await packaged().catch((reason: Error) => reason);
  expect(error).toMatchObject({
    name: 'PackagingFailed',
    message: expect.stringMatching(
      /^serverless package failed: .*resources\.Resources\.Topic\.Properties\.TopicName.*$/,
    ),
  });
  expect(String(error)).not.toMatch(/Environment:| {4}at /);
  expect(readdirSync(join(project, '.backup-drill', 'package'))).toHaveLength(2);
}, 30_000);
