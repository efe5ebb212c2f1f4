/** What an element holds: its text, or its children by name; several of a name are a list. */
export type XmlValue = string | { [name: string]: XmlValue } | XmlValue[];

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Reads XML without attributes, comments and mixed content, as EC2 writes it, into what its elements hold. Elements
 * that are not wanted are passed over with all that is in them. @throws Error where the text ends too early
 */
export function readXml(xml: string, wanted: ReadonlySet<string>): XmlValue {
  const declaration = /^\s*(?:<\?[^>]*\?>\s*)?/.exec(xml)?.[0].length ?? 0;
  return new Reader(xml, wanted).element(declaration).value;
}

class Reader {
  readonly #xml: string;
  readonly #wanted: ReadonlySet<string>;

  constructor(xml: string, wanted: ReadonlySet<string>) {
    this.#xml = xml;
    this.#wanted = wanted;
  }

  /** The element that begins at a `<`, and where it ends. */
  element(start: number): { name: string; value: XmlValue; end: number } {
    const tagEnd = this.#find('>', start);
    const empty = this.#xml[tagEnd - 1] === '/';
    const tag = this.#xml.slice(start + 1, empty ? tagEnd - 1 : tagEnd);
    const space = tag.search(/\s/);
    const name = space < 0 ? tag : tag.slice(0, space);
    if (empty) return { name, value: '', end: tagEnd + 1 };
    return { name, ...this.#content(name, tagEnd + 1) };
  }

  #content(name: string, start: number): { value: XmlValue; end: number } {
    const children: { [name: string]: XmlValue } = {};
    let next = this.#find('<', start);
    if (this.#isClosing(next))
      return { value: textOf(this.#xml.slice(start, next)), end: this.#close(name, next) };
    for (;;) {
      if (this.#isClosing(next)) return { value: children, end: this.#close(name, next) };
      const child = this.#child(next);
      if (child.value !== undefined) add(children, child.name, child.value);
      next = this.#find('<', child.end);
    }
  }

  /** The next child, or only where it ends. */
  #child(start: number): { name: string; value?: XmlValue; end: number } {
    const tagEnd = this.#find('>', start);
    const name = this.#xml.slice(start + 1, tagEnd);
    if (this.#wanted.has(name) || /[\s/]/.test(name)) return this.element(start);
    const close = `</${name}>`;
    return { name, end: this.#find(close, tagEnd) + close.length };
  }

  #isClosing(at: number): boolean {
    return this.#xml[at + 1] === '/';
  }

  #close(name: string, at: number): number {
    if (!this.#xml.startsWith(name, at + 2)) throw new Error(`<${name}> does not end where it should`);
    return this.#find('>', at) + 1;
  }

  #find(text: string, from: number): number {
    const at = this.#xml.indexOf(text, from);
    if (at < 0) throw new Error(`the answer ends before a ${text}`);
    return at;
  }
}

function add(children: { [name: string]: XmlValue }, name: string, value: XmlValue): void {
  const other = children[name];
  if (other === undefined) children[name] = value;
  else if (Array.isArray(other)) other.push(value);
  else children[name] = [other, value];
}

/** Line breaks alone are how the answer is laid out, and no text. */
function textOf(text: string): string {
  if (text.includes('\n') && text.trim() === '') return '';
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return ENTITIES[name] ?? whole;
  });
}
