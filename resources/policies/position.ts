import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair } from 'yaml';

/** Where in a YAML file a key (or an item of a list) stands that a path names, or the nearest above it that is there. */
export function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let offset = 0;
  let node: unknown = document.contents;
  for (const step of path) {
    const inner = isAlias(node) ? node.resolve(document) : node;
    const found = isMap(inner) ? pairOf(inner.items, step) : undefined;
    const item: unknown = found ? found.key : isSeq(inner) ? inner.items[Number(step)] : undefined;
    if (!isNode(item)) return offset;
    offset = startOf(item) ?? offset;
    node = found ? found.value : item;
  }
  return offset;
}

function pairOf(items: Pair<unknown, unknown>[], key: PropertyKey): Pair<unknown, unknown> | undefined {
  return items.find((pair) => (isScalar(pair.key) ? String(pair.key.value) : pair.key) === key);
}

function startOf(node: Node): number | undefined {
  return node.range?.[0];
}
