// Writes small binary modules for tests, section by section. Nothing here is used by the interpreter itself.
// Chapter: "Binary Format", section "Modules"; the writer is as plain as the grammar, so that a test shows the bytes it means.

export function leb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push(rest % 128 | 0x80);
  }
}

export function sleb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    const byte = rest & 0x7f;
    if (rest >> 6 === 0 || rest >> 6 === -1) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
}

export function vector(items: readonly (readonly number[])[]): number[] {
  return [...leb(items.length), ...items.flat()];
}

export function name(text: string): number[] {
  const bytes = new TextEncoder().encode(text);
  return [...leb(bytes.length), ...bytes];
}

export function section(id: number, content: readonly number[]): number[] {
  return [id, ...leb(content.length), ...content];
}

export const I32 = 0x7f;
export const I64 = 0x7e;

export function funcType(params: readonly number[], results: readonly number[]): number[] {
  return [0x60, ...leb(params.length), ...params, ...leb(results.length), ...results];
}

export interface Parts {
  readonly types: readonly (readonly number[])[];
  readonly imports?: readonly (readonly number[])[];
  /** Type index of each function. */
  readonly functions?: readonly number[];
  readonly tables?: readonly (readonly number[])[];
  readonly memories?: readonly (readonly number[])[];
  readonly tags?: readonly number[];
  readonly globals?: readonly (readonly number[])[];
  readonly exports?: readonly (readonly [string, number, number])[];
  readonly elements?: readonly (readonly number[])[];
  /** Instructions of each function without the closing `end`; locals as groups of [count, type]. */
  readonly bodies?: readonly (readonly number[])[];
  readonly locals?: readonly (readonly [number, number])[];
}

/** A module of the given parts; a part left out gives no section. */
export function assemble(parts: Parts): Uint8Array {
  const bytes = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  const add = (id: number, items: readonly (readonly number[])[] | undefined): void => {
    if (items === undefined || items.length === 0) return;
    // A loop, because a spread would put every byte of a large section on the JavaScript stack.
    for (const byte of section(id, vector(items))) bytes.push(byte);
  };
  const locals = vector((parts.locals ?? []).map(([count, type]) => [...leb(count), type]));
  add(1, parts.types);
  add(2, parts.imports);
  add(3, parts.functions?.map(leb));
  add(4, parts.tables);
  add(5, parts.memories);
  add(13, parts.tags?.map((type) => [0, ...leb(type)]));
  add(6, parts.globals);
  add(7, parts.exports?.map(([text, kind, index]) => [...name(text), kind, ...leb(index)]));
  add(9, parts.elements);
  add(10, parts.bodies?.map((body) => {
    const code = [...locals, ...body, 0x0b];
    return [...leb(code.length), ...code];
  }));
  return Uint8Array.from(bytes);
}
