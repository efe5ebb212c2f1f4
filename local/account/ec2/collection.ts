import type { Filter, Tag } from '@aws-sdk/client-ec2';
import { AwsError, type ConditionContext } from '../service.ts';
import { asksByTag, type Fields, literalsOf, matcher, valuesOf } from './filters.ts';
import { Index } from './index.ts';
import { type Page, type Paging, page } from './pages.ts';
import { type Placed, Places } from './places.ts';

/** One resource: `data` is what a describe call shows of it. */
export interface Item {
  readonly id: string;
  data: { Tags?: Tag[] | undefined };
  /** From these virtual milliseconds on it is found by its id, and seen in lists and by tag filters. */
  findableFrom: number;
  listedFrom: number;
  /** From when on nothing shows it any more. */
  goneFrom?: number;
}

/** What is particular to a kind of resource. */
export interface Kind<It extends Item> {
  /** Of its ids: `ami`. */
  prefix: string;
  /** Of its ARNs: `image`. */
  type: string;
  /** How errors call its id: `instance ID`; and their codes. */
  words: string;
  notFound: string;
  malformed: string;
  /** Its filters beside those by tag. */
  fields: Fields<It['data']>;
  /** Those of them whose values change only by `Collection.change`, so that an index of them stays right. */
  indexed?: readonly string[];
  /** Condition keys of its own, beside those of its tags. */
  context?(item: It): ConditionContext;
}

/** Which items a describe call wants; `where` is what else decides, such as the owner. */
export interface Selection<It extends Item> extends Paging {
  ids: string[];
  Filters?: Filter[] | undefined;
  where: (item: It) => boolean;
}

/** All resources of one kind, seen as AWS shows them: not always at once, and not everywhere at the same time. */
export class Collection<It extends Item> {
  readonly kind: Kind<It>;
  #now: () => number;
  #wellFormed: RegExp;
  #byId = new Map<string, Placed<It>>();
  #places = new Places<It>();
  #lastPlace = 0;
  /** By the name of a filter, made when it is first asked by. */
  #indexes = new Map<string, Index<It>>();

  constructor(kind: Kind<It>, now: () => number) {
    this.kind = kind;
    this.#now = now;
    this.#wellFormed = new RegExp(`^${kind.prefix}-[0-9a-f]{8,17}$`);
  }

  add(item: It): It {
    const placed = { place: ++this.#lastPlace, item };
    this.#byId.set(item.id, placed);
    this.#places.add(placed);
    for (const index of this.#indexes.values()) index.add(placed);
    return item;
  }

  remove(id: string): void {
    const placed = this.#byId.get(id);
    if (!placed) return;
    for (const index of this.#indexes.values()) index.remove(placed);
    this.#places.remove(placed.place);
    this.#byId.delete(id);
  }

  /** Changes what an index may have of an item: its tags, or a field that its kind lists as indexed. */
  change(item: It, how: (data: It['data']) => void): void {
    const placed = this.#byId.get(item.id);
    if (placed) for (const index of this.#indexes.values()) index.remove(placed);
    how(item.data);
    if (placed) for (const index of this.#indexes.values()) index.add(placed);
  }

  /** How many there are, visible or not. */
  get size(): number {
    return this.#places.size;
  }

  /** The item as the account itself knows it, visible or not. */
  peek(id: string | undefined): It | undefined {
    return id === undefined ? undefined : this.#byId.get(id)?.item;
  }

  /** Every item, visible or not. */
  all(): It[] {
    return this.#places.inOrder().map(({ item }) => item);
  }

  /** Every item, visible or not, that has this value for an indexed field. */
  having(field: string, value: string): It[] {
    return this.#index(field)
      .having([value])
      .map(({ item }) => item);
  }

  /** How many, visible or not, have this value for an indexed field. */
  count(field: string, value: string): number {
    return this.#index(field).count([value]);
  }

  /** Items by their ids. @throws AwsError when an id is malformed, unknown, or too new to be found. */
  find(ids: readonly string[]): It[] {
    const { prefix } = this.kind;
    const malformed = ids.find((id) => !this.#wellFormed.test(id));
    if (malformed !== undefined)
      throw new AwsError(this.kind.malformed, `Invalid id: "${malformed}" (expecting "${prefix}-...")`);
    const missing = ids.filter((id) => !this.isFound(id));
    if (missing.length > 0) throw this.notFound(missing);
    return ids.flatMap((id) => this.peek(id) ?? []);
  }

  /** One item by its id. @throws AwsError like `find`. */
  get(id: string | undefined): It {
    const [item] = this.find([id ?? '']);
    if (!item) throw this.notFound([id ?? '']);
    return item;
  }

  isFound(id: string): boolean {
    const item = this.peek(id);
    return item !== undefined && this.#isSeen(item, item.findableFrom);
  }

  notFound(ids: string[]): AwsError {
    const [s, does] = ids.length > 1 ? ['s', 'do'] : ['', 'does'];
    return new AwsError(
      this.kind.notFound,
      `The ${this.kind.words}${s} '${ids.join(', ')}' ${does} not exist`,
    );
  }

  /** What a describe call shows: by ids alone what is new too, in lists and by tag only what is listed already. */
  list({ ids, Filters = [], where, ...paging }: Selection<It>): Page<It> {
    const passes = matcher(Filters, this.kind.fields);
    const lagging = ids.length === 0 || asksByTag(Filters);
    const candidates =
      ids.length > 0 ? this.find(ids).map((item, place) => ({ place, item })) : this.#candidates(Filters);
    return page(candidates, paging, (item) => {
      const from = lagging ? item.listedFrom : item.findableFrom;
      return this.#isSeen(item, from) && where(item) && passes(item.data);
    });
  }

  /** What may pass the filters: what one of them finds in its index, the one that finds least, or everything. */
  #candidates(filters: readonly Filter[]): readonly Placed<It>[] {
    let [least, count] = [() => this.#places.inOrder(), this.#places.size];
    for (const filter of filters) {
      const values = literalsOf(filter);
      if (!values || !this.#isIndexed(filter.Name ?? '')) continue;
      const index = this.#index(filter.Name ?? '');
      const size = index.count(values);
      if (size < count) [least, count] = [() => index.having(values), size];
    }
    return least();
  }

  #isIndexed(name: string): boolean {
    return name.startsWith('tag:') || this.kind.indexed?.includes(name) === true;
  }

  #index(name: string): Index<It> {
    const known = this.#indexes.get(name);
    if (known) return known;
    const values = valuesOf(name, this.kind.fields);
    const index = new Index<It>((item) => values(item.data));
    for (const placed of this.#places.inOrder()) index.add(placed);
    this.#indexes.set(name, index);
    return index;
  }

  #isSeen(item: It, from: number): boolean {
    return from <= this.#now() && this.#now() < (item.goneFrom ?? Number.POSITIVE_INFINITY);
  }
}
