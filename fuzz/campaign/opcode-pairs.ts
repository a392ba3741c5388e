// Which instruction follows which in a module: a cheap measure of what a module is like, the same whatever made it.
//
// Reads code sections of Wasm 3.0 and threads (standard, chapter 5.4 "Instructions") only as far as lengths go. What it does not know ends a body's reading.
// An instruction is a number below 704: the byte, or a place behind 256 for each prefix.

export const opcodeNumbers = 704;

const structures = 256;
const miscellany = 288;
const vectors = 320;
const atomics = 608;

class Reader {
  private readonly bytes: Uint8Array;
  at: number;
  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }
  byte(): number {
    return this.bytes[this.at++] ?? 0;
  }
  number(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80 || scale > 2 ** 63) return value;
      scale *= 128;
    }
  }
  skip(count: number): void {
    for (let i = 0; i < count; i++) this.number();
  }
  /** A value type or block type: `(ref …)` has a heap type behind it, and a type index may be long. */
  type(): void {
    const first = this.bytes[this.at];
    this.number();
    if (first === 0x63 || first === 0x64) this.number();
  }
  memoryArgument(): void {
    const flags = this.number();
    this.skip((flags & 0x40) === 0 ? 1 : 2);
  }
}

function skipStructure(reader: Reader, number: number): boolean {
  if (number <= 1 || number === 6 || number === 7 || (number >= 11 && number <= 14) || number === 16) reader.skip(1);
  else if (number <= 5 || (number >= 8 && number <= 10) || (number >= 17 && number <= 19)) reader.skip(2);
  else if (number >= 20 && number <= 23) reader.skip(1);
  else if (number === 24 || number === 25) {
    reader.at++;
    reader.skip(3);
  } else return number === 15 || (number >= 26 && number <= 30);
  return true;
}

function skipVector(reader: Reader, number: number): boolean {
  if (number <= 11 || number === 92 || number === 93) reader.memoryArgument();
  else if (number === 12 || number === 13) reader.at += 16;
  else if (number >= 21 && number <= 34) reader.at++;
  else if (number >= 84 && number <= 91) {
    reader.memoryArgument();
    reader.at++;
  }
  return number < atomics - vectors;
}

function skipPlain(reader: Reader, opcode: number): boolean {
  if (opcode >= 0x28 && opcode <= 0x3e) reader.memoryArgument();
  else if ((opcode >= 0x20 && opcode <= 0x26) || (opcode >= 0x3f && opcode <= 0x42)) reader.skip(1);
  else if (opcode === 0x43) reader.at += 4;
  else if (opcode === 0x44) reader.at += 8;
  else if (opcode >= 0x02 && opcode <= 0x04) reader.type();
  else if (opcode === 0x11 || opcode === 0x13) reader.skip(2);
  else if (opcode === 0x0e) reader.skip(reader.number() + 1);
  else if (opcode === 0x1c) for (let count = reader.number(); count > 0; count--) reader.type();
  else if (opcode === 0x1f) {
    reader.type();
    for (let count = reader.number(); count > 0; count--) reader.skip(reader.byte() < 2 ? 2 : 1);
  } else if (opcode === 0x08 || opcode === 0x0c || opcode === 0x0d || opcode === 0x10 || opcode === 0x12 || opcode === 0x14 || opcode === 0x15) reader.skip(1);
  else if (opcode === 0xd0 || opcode === 0xd2 || opcode === 0xd5 || opcode === 0xd6) reader.skip(1);
  else return opcode <= 0x01 || opcode === 0x05 || opcode === 0x0a || opcode === 0x0b || opcode === 0x0f || opcode === 0x1a || opcode === 0x1b || (opcode >= 0x45 && opcode <= 0xc4) || opcode === 0xd1 || opcode === 0xd3 || opcode === 0xd4;
  return true;
}

/** Reads one instruction; its number, or -1 for one that is not known. */
function nextInstruction(reader: Reader): number {
  const opcode = reader.byte();
  switch (opcode) {
    case 0xfb: {
      const number = reader.number();
      return skipStructure(reader, number) ? structures + number : -1;
    }
    case 0xfc: {
      const number = reader.number();
      reader.skip(number <= 7 ? 0 : number === 8 || number === 10 || number === 12 || number === 14 ? 2 : 1);
      return number <= 17 ? miscellany + number : -1;
    }
    case 0xfd: {
      const number = reader.number();
      return skipVector(reader, number) ? vectors + number : -1;
    }
    case 0xfe: {
      const number = reader.number();
      if (number === 3) reader.at++;
      else reader.memoryArgument();
      return number < opcodeNumbers - atomics ? atomics + number : -1;
    }
    default:
      return skipPlain(reader, opcode) ? opcode : -1;
  }
}

/** Whether a module has an instruction whose result an engine may choose (relaxed SIMD, from number 0x100 of the vector prefix on). */
export function hasRelaxed(module: Uint8Array): boolean {
  let found = false;
  visitOpcodePairs(module, (first, second) => {
    found ||= isRelaxed(first) || isRelaxed(second);
  });
  return found;
}

const isRelaxed = (opcode: number): boolean => opcode >= vectors + 0x100 && opcode < atomics;

/** Calls `visit` with each pair of neighbours in each function's body. The module must be well-formed. */
export function visitOpcodePairs(module: Uint8Array, visit: (first: number, second: number) => void): void {
  const reader = new Reader(module, 8);
  while (reader.at < module.length) {
    const id = reader.byte();
    const size = reader.number();
    const end = reader.at + size;
    if (id === 10) {
      for (let functions = reader.number(); functions > 0; functions--) {
        const length = reader.number();
        visitBody(reader, reader.at + length, visit);
      }
    }
    reader.at = end;
  }
}

function visitBody(reader: Reader, end: number, visit: (first: number, second: number) => void): void {
  for (let groups = reader.number(); groups > 0; groups--) {
    reader.number();
    reader.type();
  }
  let last = -1;
  while (reader.at < end) {
    const instruction = nextInstruction(reader);
    if (instruction < 0) break;
    if (last >= 0) visit(last, instruction);
    last = instruction;
  }
  reader.at = end;
}
