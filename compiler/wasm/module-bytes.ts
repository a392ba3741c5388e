// Writes modules byte by byte, for tests that need bytes no text can say: broken sections, padded integers, refused features.
// Nothing here checks anything.

export type Bytes = readonly number[];

/** An unsigned LEB128 integer, padded to at least `width` bytes. */
export function unsigned(value: number | bigint, width = 1): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n && bytes.length + 1 >= width ? low : low | 0x80);
  } while (rest !== 0n || bytes.length < width);
  return bytes;
}

/** A signed LEB128 integer, padded to at least `width` bytes. */
export function signed(value: number | bigint, width = 1): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const isLast = rest === ((low & 0x40) === 0 ? 0n : -1n) && bytes.length + 1 >= width;
    bytes.push(isLast ? low : low | 0x80);
    if (isLast) return bytes;
  }
}

export function vector(items: readonly Bytes[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}
export function name(text: string): number[] {
  const bytes = [...new TextEncoder().encode(text)];
  return [...unsigned(bytes.length), ...bytes];
}
export function section(id: number, contents: Bytes): number[] {
  return [id, ...unsigned(contents.length), ...contents];
}
export const header: Bytes = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
export function moduleOf(...sections: readonly Bytes[]): Uint8Array {
  return Uint8Array.from([...header, ...sections.flat()]);
}

/** An entry of the code section: local groups as `[count, type code]`, instructions without the final `end`. */
export function body(instructions: Bytes, locals: readonly (readonly [number, number])[] = []): number[] {
  const contents = [...vector(locals.map(([count, type]) => [...unsigned(count), type])), ...instructions, 0x0b];
  return [...unsigned(contents.length), ...contents];
}
/** An entry of the type section. */
export function functionType(params: Bytes, results: Bytes): number[] {
  return [0x60, ...vector(params.map((code) => [code])), ...vector(results.map((code) => [code]))];
}

/** A module of one function of type `params -> results`, with a memory, a table of functions and a mutable i32 global to name. */
export function functionModule(instructions: Bytes, params: Bytes = [], results: Bytes = [], locals: readonly (readonly [number, number])[] = []): Uint8Array {
  return moduleOf(
    section(1, vector([functionType(params, results)])),
    section(3, vector([[0]])),
    section(4, vector([[0x70, 0x00, 0x01]])),
    section(5, vector([[0x00, 0x01]])),
    section(6, vector([[0x7f, 0x01, 0x41, 0x00, 0x0b]])),
    section(10, vector([body(instructions, locals)])),
  );
}
