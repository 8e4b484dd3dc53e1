/**
 * Reads XML as strictly as tests need it: whatever is not well-formed throws.
 * @module
 */

/** An element. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  /** Its text, without that of the elements in it. */
  text: string;
}

/** Reads one document; its declaration may be missing. */
export function parseXml(source: string): XmlElement {
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Cs}/u.test(source)) throw new SyntaxError("Cannot read XML: it has a character that XML may not have");
  const root: XmlElement = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  const token = /<\?xml [^?]*\?>|<\/([\w-]+)>|<([\w-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;
  while (token.lastIndex < source.length) {
    const at = token.lastIndex;
    const found = token.exec(source);
    if (found === null) throw new SyntaxError(`Cannot read XML: not well-formed at ${JSON.stringify(source.slice(at, at + 40))}`);
    const [, end, start, attributes, empty, text] = found;
    const here = open[open.length - 1];
    if (text !== undefined) here.text += decode(text);
    if (end !== undefined && open.pop()?.name !== end) throw new SyntaxError(`Cannot read XML: ${end} ends, which is not open`);
    if (start === undefined) continue;
    const pairs = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, name, value]) => [name, decode(value)] as const);
    if (new Set(pairs.map(([name]) => name)).size < pairs.length) throw new SyntaxError(`Cannot read XML: ${start} has an attribute twice`);
    const element: XmlElement = { name: start, attributes: Object.fromEntries(pairs), children: [], text: "" };
    here.children.push(element);
    if (empty === "") open.push(element);
  }
  if (open.length !== 1 || root.children.length !== 1) throw new SyntaxError("Cannot read XML: not one element that ends");
  return root.children[0];
}

/** All elements with a name, at any depth. */
export function findAll(element: XmlElement, name: string): XmlElement[] {
  return element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...findAll(child, name)]);
}

function decode(text: string): string {
  if (/&(?!#\d+;|amp;|lt;|gt;|quot;)/.test(text)) throw new SyntaxError(`Cannot read XML: a bare & in ${JSON.stringify(text)}`);
  const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' };
  return text.replace(/&(#\d+|\w+);/g, (_, name: string) => name.startsWith("#") ? String.fromCodePoint(Number(name.slice(1))) : named[name]);
}
