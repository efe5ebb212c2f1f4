import type { Filter, Tag } from '@aws-sdk/client-ec2';
import { AwsError, type ConditionContext } from '../service.ts';
import { asksByTag, type Fields, matcher } from './filters.ts';
import { type Page, type Paging, page } from './pages.ts';

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
  #items = new Map<string, It>();

  constructor(kind: Kind<It>, now: () => number) {
    this.kind = kind;
    this.#now = now;
  }

  add(item: It): It {
    this.#items.set(item.id, item);
    return item;
  }

  remove(id: string): void {
    this.#items.delete(id);
  }

  /** The item as the account itself knows it, visible or not. */
  peek(id: string | undefined): It | undefined {
    return id === undefined ? undefined : this.#items.get(id);
  }

  /** Every item, visible or not. */
  all(): It[] {
    return [...this.#items.values()];
  }

  /** Items by their ids. @throws AwsError when an id is malformed, unknown, or too new to be found. */
  find(ids: readonly string[]): It[] {
    const { prefix } = this.kind;
    const malformed = ids.find((id) => !new RegExp(`^${prefix}-[0-9a-f]{8,17}$`).test(id));
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
    const items = (ids.length > 0 ? this.find(ids) : this.all()).filter(
      (item) =>
        this.#isSeen(item, lagging ? item.listedFrom : item.findableFrom) && where(item) && passes(item.data),
    );
    return page(items, paging);
  }

  #isSeen(item: It, from: number): boolean {
    return from <= this.#now() && this.#now() < (item.goneFrom ?? Number.POSITIVE_INFINITY);
  }
}
