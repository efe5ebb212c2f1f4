import type { Account } from '../account.ts';
import { milliseconds, type Span } from '../physics.ts';
import { Collection, type Item, type Kind } from './collection.ts';
import { Holds } from './holds.ts';
import { imageKind } from './images/image.ts';
import { instanceKind } from './instances/instance.ts';
import {
  endpointKind,
  groupKind,
  prefixListKind,
  routeTableKind,
  S3_PREFIX_LIST,
  subnetKind,
  vpcKind,
} from './network/network.ts';
import { snapshotKind } from './snapshots/snapshot.ts';
import { volumeKind } from './volumes/volume.ts';

/** Everything that one Region's EC2 holds, and what its parts need to change it as time goes by. */
export class Inventory {
  readonly account: Account;
  readonly region: string;
  readonly instances = this.#collect(instanceKind);
  readonly images = this.#collect(imageKind(this));
  readonly snapshots = this.#collect(snapshotKind(this));
  readonly volumes = this.#collect(volumeKind);
  readonly vpcs = this.#collect(vpcKind);
  readonly subnets = this.#collect(subnetKind);
  readonly groups = this.#collect(groupKind);
  readonly routeTables = this.#collect(routeTableKind);
  readonly endpoints = this.#collect(endpointKind);
  readonly prefixLists = this.#collect(prefixListKind);
  readonly holds = new Holds();
  /** Instance profiles by name: the name of the role in each. */
  readonly profiles = new Map<string, string>();
  /** The network file systems that can be mounted in a VPC and a zone; EFS, where there is any, says which. */
  fileSystemsFor: (vpcId: string | undefined, zone: string | undefined) => string[] = () => [];
  /** Instance types of which AWS has no more at the moment. */
  readonly withoutCapacity = new Set<string>();
  /** What was made for a client token, and for which request. */
  readonly clientTokens = new Map<string, { request: string; ids: string[] }>();

  constructor(account: Account, region: string) {
    this.account = account;
    this.region = region;
    const data = { PrefixListId: S3_PREFIX_LIST, PrefixListName: `com.amazonaws.${region}.s3` };
    const Cidrs = ['52.218.0.0/17', '3.5.64.0/21'];
    this.prefixLists.add({ id: S3_PREFIX_LIST, findableFrom: 0, listedFrom: 0, data: { ...data, Cidrs } });
  }

  get now(): number {
    return this.account.clock.now();
  }

  /** A random moment of a span from now, in virtual milliseconds since the epoch. */
  moment(span: Span): number {
    return this.now + milliseconds(span, this.account.random);
  }

  /** Does something at a moment. Returns its cancellation. */
  at(moment: number, action: () => unknown): () => void {
    return this.account.clock.after(moment - this.now, action);
  }

  note(id: string, event: string): void {
    this.account.timeline.note(id, event, this.now);
  }

  /** A new id, such as `ami-0123456789abcdef0`. */
  newId(prefix: string): string {
    const digits = () =>
      Math.floor(this.account.random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0');
    return `${prefix}-0${digits()}${digits()}`;
  }

  /** When something made now is found by its id, and seen in lists. */
  visibility(): Pick<Item, 'findableFrom' | 'listedFrom'> {
    const { idLag, listLag } = this.account.physics;
    const findableFrom = this.moment(idLag);
    return { findableFrom, listedFrom: Math.max(findableFrom, this.moment(listLag)) };
  }

  /** `arn:aws:ec2:eu-west-1:123456789012:instance/i-…`; images and snapshots have no account in theirs. */
  arn(type: string, id: string): string {
    const owner = type === 'image' || type === 'snapshot' ? '' : this.account.id;
    return `arn:${this.account.partition}:ec2:${this.region}:${owner}:${type}/${id}`;
  }

  /** The only zone of the Region that is simulated. */
  get zone(): string {
    return `${this.region}a`;
  }

  #collect<It extends Item>(kind: Kind<It>): Collection<It> {
    return new Collection(kind, () => this.now);
  }
}
