/** Something in a list, and its place: a number that grows with each one added, and never changes. */
export interface Placed<It> {
  readonly place: number;
  readonly item: It;
}

/** Things by their places, to be read in order from any place on. */
export class Places<It> {
  #byPlace = new Map<number, Placed<It>>();
  /** In order; undefined when it has to be made anew. */
  #ordered: Placed<It>[] | undefined = [];

  get size(): number {
    return this.#byPlace.size;
  }

  add(one: Placed<It>): void {
    const last = this.#ordered?.at(-1);
    this.#byPlace.set(one.place, one);
    if (last && last.place > one.place) this.#ordered = undefined;
    else this.#ordered?.push(one);
  }

  remove(place: number): void {
    if (this.#byPlace.delete(place)) this.#ordered = undefined;
  }

  /** All of it, in order. Not to be changed. */
  inOrder(): readonly Placed<It>[] {
    this.#ordered ??= [...this.#byPlace.values()].sort((one, other) => one.place - other.place);
    return this.#ordered;
  }
}

/** The place within a list, which is in order, of the first that comes after `place`. */
export function firstAfter(list: readonly Placed<unknown>[], place: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = list[middle];
    if (found && found.place > place) high = middle;
    else low = middle + 1;
  }
  return low;
}
