// Modules about a single instruction: the instruction in each of the forms that code generators treat apart.
// Random programs rarely bring an instruction its interesting operands; here nothing stands between the operands and the instruction.
//
// Forms, each an exported function of the instruction's operands: plain; constant on the right; constant on the left; the same value twice;
// operand loaded from memory; result compared and branched on; result used twice.

import type { Choices } from './choices.ts';
import { writeConstant } from './constants.ts';
import { codes, loads, type MemoryInstruction, type PlainInstruction, plainInstructions, stores } from './instructions.ts';
import { type NumericType, writeType } from './types.ts';
import { allVectorInstructions, isRelaxed, writeRelaxed } from './relaxed-instructions.ts';
import type { VectorInstruction } from './vector-instructions.ts';
import { ByteWriter, moduleHeader, sectionIds, vectorSection, writeOpcode } from './writer.ts';

type Operand = NumericType | 'v128';

interface Form {
  readonly params: readonly Operand[];
  readonly result: Operand;
  readonly code: Uint8Array;
}

function get(out: ByteWriter, local: number): void {
  out.u8(codes.localGet);
  out.u32(local);
}

/** A form's code while it is written. */
const formScratch = new ByteWriter();

/** `locals` vectors lie behind the parameters. */
function form(params: readonly Operand[], result: Operand, write: (out: ByteWriter) => void, locals = 0): Form {
  const code = formScratch;
  code.clear();
  code.u8(locals === 0 ? 0 : 1);
  if (locals > 0) {
    code.u8(locals);
    writeType(code, 'v128');
  }
  write(code);
  code.u8(codes.end);
  return { params, result, code: code.copy() };
}

const widest: Readonly<Record<NumericType, MemoryInstruction | undefined>> = {
  i32: loads.find((row) => row.name === 'i32.load'),
  i64: loads.find((row) => row.name === 'i64.load'),
  f32: loads.find((row) => row.name === 'f32.load'),
  f64: loads.find((row) => row.name === 'f64.load'),
};

const storeOf: Readonly<Record<NumericType, MemoryInstruction | undefined>> = {
  i32: stores.find((row) => row.name === 'i32.store'),
  i64: stores.find((row) => row.name === 'i64.store'),
  f32: stores.find((row) => row.name === 'f32.store'),
  f64: stores.find((row) => row.name === 'f64.store'),
};

function access(out: ByteWriter, row: MemoryInstruction | undefined, offset: number): void {
  if (row === undefined) return;
  writeOpcode(out, row.code);
  out.u32(31 - Math.clz32(row.width));
  out.u32(offset);
}

function plainForms(c: Choices, row: PlainInstruction): Form[] {
  const { params, result } = row;
  const [first, second] = params;
  if (first === undefined) return [];
  const forms = [
    form(params, result, (out) => {
      params.forEach((_, index) => get(out, index));
      writeOpcode(out, row.code);
    }),
  ];
  // The operand comes out of memory: a load that may be folded into the instruction.
  forms.push(form(params, result, (out) => {
    const last = params.length - 1;
    const type = params[last] ?? first;
    out.u8(codes.i32Const);
    out.s32(0);
    get(out, last);
    access(out, storeOf[type], 65528 - 8);
    params.slice(0, last).forEach((_, index) => get(out, index));
    out.u8(codes.i32Const);
    out.s32(0);
    access(out, widest[type], 65528 - 8);
    writeOpcode(out, row.code);
  }));
  if (second !== undefined) {
    for (let i = 0; i < 4; i++) {
      forms.push(form([first], result, (out) => {
        get(out, 0);
        writeConstant(c, second, out);
        writeOpcode(out, row.code);
      }));
    }
    forms.push(form([second], result, (out) => {
      writeConstant(c, first, out);
      get(out, 0);
      writeOpcode(out, row.code);
    }));
    if (first === second) {
      forms.push(form([first], result, (out) => {
        get(out, 0);
        get(out, 0);
        writeOpcode(out, row.code);
      }));
    }
  }
  if (result === 'i32') {
    // Branched on, and used again after the branch.
    forms.push(form(params, 'i32', (out) => {
      out.u8(codes.block);
      out.u8(0x40);
      params.forEach((_, index) => get(out, index));
      writeOpcode(out, row.code);
      out.u8(codes.brIf);
      out.u32(0);
      out.u8(codes.i32Const);
      out.s32(1234);
      out.u8(codes.return);
      out.u8(codes.end);
      params.forEach((_, index) => get(out, index));
      writeOpcode(out, row.code);
      out.u8(codes.i32Const);
      out.s32(77);
      params.forEach((_, index) => get(out, index));
      writeOpcode(out, row.code);
      out.u8(codes.select);
    }));
  }
  return forms;
}

/** Addresses relative to the end of the one page, and far outside. */
function memoryForms(c: Choices, row: MemoryInstruction, isLoad: boolean): Form[] {
  const offsets = [0, 65536 - row.width, 65536 - row.width + 1, 0xffffffff, c.draw(65536)];
  return offsets.map((offset) =>
    isLoad
      ? form(['i32'], row.type, (out) => {
          get(out, 0);
          access(out, row, offset);
        })
      : form(['i32', row.type], 'i32', (out) => {
          get(out, 0);
          get(out, 1);
          access(out, row, offset);
          out.u8(codes.i32Const);
          out.s32(0);
        }),
  );
}

/** Operands as they come, the second constant, and the first twice; NaNs among the lanes made canonical. */
function vectorFormsOf(c: Choices, row: VectorInstruction): Form[] {
  const { params, result, lanes, nan } = row;
  const [first, second] = params;
  const vectors = isRelaxed(row) ? 5 : 1;
  const finish = (out: ByteWriter, local: number): void => {
    if (isRelaxed(row)) writeRelaxed(out, row, local + 1);
    else writeOpcode(out, row.code);
    if (lanes === 32) for (let i = 0; i < 16; i++) out.u8(c.draw(32));
    else if (lanes > 0) out.u8(c.draw(lanes));
    if (nan === undefined) return;
    out.u8(codes.localTee);
    out.u32(local);
    writeOpcode(out, codes.vectorConst);
    for (let i = 0; i < 4; i++) out.fixed32(nan === 'f32' ? 0x7fc00000 : i % 2 === 1 ? 0x7ff80000 : 0);
    get(out, local);
    get(out, local);
    writeOpcode(out, nan === 'f32' ? codes.f32x4Eq : codes.f64x2Eq);
    writeOpcode(out, codes.bitselect);
  };
  const plain = (): Form => form(params, result, (out) => {
    params.forEach((_, index) => get(out, index));
    finish(out, params.length);
  }, vectors);
  const forms = [plain()];
  // Other lanes.
  if (lanes > 0) for (let i = 0; i < 3; i++) forms.push(plain());
  if (first === undefined || second === undefined || params.length > 2) return forms;
  for (let i = 0; i < 3; i++) {
    forms.push(form([first], result, (out) => {
      get(out, 0);
      writeConstant(c, second, out);
      finish(out, 1);
    }, vectors));
  }
  if (first === second) {
    forms.push(form([first], result, (out) => {
      get(out, 0);
      get(out, 0);
      finish(out, 1);
    }, vectors));
  }
  return forms;
}

/** All forms of one of the vector instructions, the relaxed ones included. */
export function generateVectorInstructionModule(c: Choices): Uint8Array {
  const row = allVectorInstructions[c.draw(allVectorInstructions.length)];
  return moduleOf(row === undefined ? [] : vectorFormsOf(c, row));
}

const rowCount = plainInstructions.length + loads.length + stores.length;

/** All forms of the chosen instruction as one module; functions `f0…`, memory `m0` of one page. */
export function generateInstructionModule(c: Choices): Uint8Array {
  return instructionModule(c, c.draw(rowCount));
}

/** As `generateInstructionModule`, for the row with a number in `[0, instructionCount)`. */
export function instructionModule(c: Choices, row: number): Uint8Array {
  const plain = plainInstructions[row];
  const load = loads[row - plainInstructions.length];
  const store = stores[row - plainInstructions.length - loads.length];
  const forms = plain !== undefined ? plainForms(c, plain) : load !== undefined ? memoryForms(c, load, true) : store !== undefined ? memoryForms(c, store, false) : [];
  return moduleOf(forms);
}

/** The row, for `instructionModule`, of an instruction by its name in the standard; undefined for those without. */
export function maybeInstructionRow(name: string): number | undefined {
  const row = [...plainInstructions, ...loads, ...stores].findIndex((one) => one.name === name);
  return row < 0 ? undefined : row;
}

function moduleOf(forms: readonly Form[]): Uint8Array {
  const out = new ByteWriter();
  moduleHeader(out);
  vectorSection(out, sectionIds.type, forms, ({ params, result }, section) => {
    section.u8(0x60);
    section.u32(params.length);
    for (const type of params) writeType(section, type);
    section.u8(1);
    writeType(section, result);
  });
  vectorSection(out, sectionIds.function, forms.map((_, index) => index), (index, section) => section.u32(index));
  vectorSection(out, sectionIds.memory, [1], (pages, section) => {
    section.u8(1);
    section.u32(pages);
    section.u32(pages);
  });
  vectorSection(out, sectionIds.export, [{ name: 'm0', kind: 2, index: 0 }, ...forms.map((_, index) => ({ name: `f${index}`, kind: 0, index }))], ({ name, kind, index }, section) => {
    section.name(name);
    section.u8(kind);
    section.u32(index);
  });
  vectorSection(out, sectionIds.code, forms, ({ code }, section) => section.sized(code));
  return out.copy();
}

export const instructionCount = rowCount;
