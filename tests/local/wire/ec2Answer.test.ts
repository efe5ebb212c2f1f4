import { XmlShapeSerializer } from '@aws-sdk/core/protocols';
import { expect, test } from '@jest/globals';
import { operationSchema } from '../../../local/wire/clients.ts';
import { writeEc2Answer } from '../../../local/wire/ec2Answer.ts';
import { Region } from '../account/ec2/region.ts';

const XMLNS = 'http://ec2.amazonaws.com/doc/2016-11-15/';

/** What the SDK's own serializer writes, with an empty element as a start and an end. */
async function reference(operation: string, output: unknown): Promise<string> {
  const serializer = new XmlShapeSerializer({
    timestampFormat: { useTrait: true, default: 5 },
    httpBindings: false,
    xmlNamespace: XMLNS,
    serviceNamespace: 'account',
  });
  serializer.write((await schemaOf(operation)).output, output);
  return String(serializer.flush())
    .replaceAll(/<(\w+)\/>/g, '<$1></$1>')
    .replace(/^<\w+/, `<${operation}Response`)
    .replace(/<\/\w+>$/, `</${operation}Response>`);
}

async function schemaOf(operation: string) {
  const schema = await operationSchema('ec2', operation);
  if (!schema) throw new Error(`no ${operation}`);
  return schema;
}

async function expectSame(operation: string, output: unknown): Promise<void> {
  const written = writeEc2Answer(operation, (await schemaOf(operation)).output, output, XMLNS);
  expect(written).toBe(await reference(operation, output));
}

test('answers are written as the SDK itself would write them', async () => {
  const region = new Region({ throttling: false });
  const tags = { Name: `<a> & "b" 'c'\n\u2028ä`, empty: '' };
  const [id = ''] = region.ec2.seedFleet({
    count: 1,
    tags,
    volumes: [{ tags }, { kmsKeyId: region.keyArn }],
  });
  const InstanceSpecification = { InstanceId: id };
  await expectSame('CreateSnapshots', await region.call('CreateSnapshots', { InstanceSpecification }));
  await expectSame('CreateImage', await region.call('CreateImage', { InstanceId: id, Name: 'one' }));
  await region.createEndpoints();
  await region.pass(10);
  for (const operation of [
    'DescribeInstances',
    'DescribeInstanceStatus',
    'DescribeImages',
    'DescribeSnapshots',
    'DescribeVolumes',
    'DescribeSubnets',
    'DescribeSecurityGroups',
    'DescribeRouteTables',
    'DescribeVpcEndpoints',
    'DescribePrefixLists',
    'DescribeRegions',
  ])
    await expectSame(operation, await region.call(operation, {}));
});

test('nothing is an answer too', async () => {
  const { output } = await schemaOf('CreateTags');
  expect(writeEc2Answer('CreateTags', output, {}, 'x')).toBe(
    '<CreateTagsResponse xmlns="x"></CreateTagsResponse>',
  );
  await expectSame('DescribeImages', { Images: [] });
  await expectSame('DescribeImages', { Images: [{ ImageId: undefined, Public: false }] });
});
