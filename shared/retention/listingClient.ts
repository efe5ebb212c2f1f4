import { EC2Client } from '@aws-sdk/client-ec2';
import { AwsEc2QueryProtocol, XmlShapeDeserializer } from '@aws-sdk/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import type { Schema } from '@smithy/types';
import type { ClientSettings } from '../clients.ts';
import { readXml, type XmlValue } from './wantedXml.ts';

/** What retention reads of images, snapshots and instances, and what errors are made of, by the elements' names. */
const WANTED = new Set([
  ...['imagesSet', 'snapshotSet', 'item', 'nextToken', 'tagSet', 'key', 'value'],
  ...['imageId', 'imageState', 'imageOwnerId', 'isPublic', 'creationDate', 'deregistrationProtection'],
  ...['sourceInstanceId', 'sourceImageId', 'sourceImageRegion', 'blockDeviceMapping', 'ebs'],
  ...['snapshotId', 'volumeId', 'status', 'startTime', 'description', 'lockState'],
  ...['reservationSet', 'instancesSet', 'instanceId', 'instanceState', 'name'],
  ...['requestId', 'RequestID', 'RequestId', 'Errors', 'Error', 'Code', 'Message'],
]);

/** One member of a structure. */
interface Member {
  name: string;
  schema: NormalizedSchema;
  isText: boolean;
}

/** Reads of an answer only what is wanted: the SDK's own reader takes 0.2 ms an image, most of the time of a plan. */
class WantedOnly extends XmlShapeDeserializer {
  /** By a structure's schema: its members by the names of their elements. */
  readonly #members = new Map<unknown, Map<string, Member>>();

  /** Goes through what an element holds, not through all that its structure could. */
  override readSchema(schema: Schema, value: XmlValue): unknown {
    const structure = NormalizedSchema.of(schema);
    if (!structure.isStructSchema() || typeof value !== 'object' || Array.isArray(value))
      return super.readSchema(schema, value);
    const members = this.#membersOf(structure);
    const output: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      const member = members.get(key);
      const held = value[key];
      if (!member || held === undefined) continue;
      output[member.name] = member.isText ? held : this.readSchema(member.schema, held);
    }
    return output;
  }

  #membersOf(structure: NormalizedSchema) {
    const schema = structure.getSchema();
    const known = this.#members.get(schema);
    if (known) return known;
    const members = new Map<string, Member>();
    for (const [name, member] of structure.structIterator())
      members.set(String(member.getMemberTraits().xmlName ?? name), {
        name,
        schema: member,
        isText: member.isStringSchema(),
      });
    this.#members.set(schema, members);
    return members;
  }

  protected override parseXml(xml: string): XmlValue {
    return xml.length > 0 ? readXml(xml, WANTED) : {};
  }
}

class ListingProtocol extends AwsEc2QueryProtocol {
  constructor(options: ConstructorParameters<typeof AwsEc2QueryProtocol>[0]) {
    super(options);
    this.deserializer = new WantedOnly(this.deserializer.settings);
  }
}

/** A client for lists of tens of thousands of images and snapshots. Other answers miss what is not listed above. */
export function listingClient(settings: ClientSettings & { region: string }): EC2Client {
  const client = new EC2Client({ ...settings, protocol: ListingProtocol });
  client.middlewareStack.remove('loggerMiddleware'); // it copies every answer, even for a logger that is off
  return client;
}
