// The instructions of an ISA one at a time, by the names of their rows, for who makes and judges machine code and knows no ISA.

/** A row by name and its operand cells. */
export interface NamedInstruction {
  readonly row: string;
  readonly cells: readonly number[];
}

export interface InstructionCodec {
  /** Rows that have an encoding of their own: no pseudo-instructions, no aliases. */
  readonly rows: readonly string[];
  /** Throws for a row that there is not. */
  encode(instruction: NamedInstruction): Uint8Array;
  /** What stands at `offset`, with its length in bytes. */
  maybeDecode(code: Uint8Array, offset: number): (NamedInstruction & { readonly length: number }) | undefined;
  /** Operand cells of a row that its encoding can hold; `choose(n)` is a number below `n`. */
  randomCells(row: string, choose: (n: number) => number): number[];
}

interface Shape {
  readonly name: string;
  readonly row: { readonly pseudo?: boolean; readonly alias?: boolean };
}

interface Parts<S extends Shape> {
  readonly shapes: readonly S[];
  encode(instruction: { readonly shape: S; readonly cells: readonly number[] }): Uint8Array;
  maybeDecode(code: Uint8Array, offset: number): { readonly shape: S; readonly cells: readonly number[]; readonly length: number } | undefined;
  randomCells(shape: S, choose: (n: number) => number): number[];
}

/** The codec of an ISA, from its own parts. */
export function codecOf<S extends Shape>(parts: Parts<S>): InstructionCodec {
  const byName = new Map(parts.shapes.map((shape) => [shape.name, shape]));
  const shapeOf = (row: string): S => {
    const shape = byName.get(row);
    if (shape === undefined) throw new RangeError(`no row is called '${row}'`);
    return shape;
  };
  return {
    rows: parts.shapes.filter(({ row }) => row.pseudo !== true && row.alias !== true).map(({ name }) => name),
    encode: ({ row, cells }) => parts.encode({ shape: shapeOf(row), cells }),
    maybeDecode: (code, offset) => {
      const decoded = parts.maybeDecode(code, offset);
      return decoded && { row: decoded.shape.name, cells: decoded.cells, length: decoded.length };
    },
    randomCells: (row, choose) => parts.randomCells(shapeOf(row), choose),
  };
}
