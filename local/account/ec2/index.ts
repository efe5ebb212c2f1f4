import { type Placed, Places } from './places.ts';

/** Items by the values that each has for one filter. */
export class Index<It> {
  readonly #valuesOf: (item: It) => (string | undefined)[];
  #byValue = new Map<string, Places<It>>();

  constructor(valuesOf: (item: It) => (string | undefined)[]) {
    this.#valuesOf = valuesOf;
  }

  add(placed: Placed<It>): void {
    for (const value of this.#distinct(placed)) {
      const places = this.#byValue.get(value) ?? new Places<It>();
      this.#byValue.set(value, places);
      places.add(placed);
    }
  }

  /** Takes an item out, which must have the values that it was added with. */
  remove(placed: Placed<It>): void {
    for (const value of this.#distinct(placed)) {
      const places = this.#byValue.get(value);
      places?.remove(placed.place);
      if (places?.size === 0) this.#byValue.delete(value);
    }
  }

  /** How many have one of some values, at most: one that has two of them counts twice. */
  count(values: readonly string[]): number {
    return values.reduce((sum, value) => sum + (this.#byValue.get(value)?.size ?? 0), 0);
  }

  /** Those that have one of some values, in order. */
  having(values: readonly string[]): readonly Placed<It>[] {
    const lists = [...new Set(values)].map((value) => this.#byValue.get(value)?.inOrder() ?? []);
    if (lists.length === 1) return lists[0] ?? [];
    const together = lists.flat().sort((one, other) => one.place - other.place);
    return together.filter(({ place }, at) => at === 0 || together[at - 1]?.place !== place);
  }

  #distinct({ item }: Placed<It>): Set<string> {
    return new Set(this.#valuesOf(item).filter((value) => value !== undefined));
  }
}
