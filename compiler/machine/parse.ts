// Reads vcode and allocated code from text; the grammar is at the top of print.ts. Accepts readable but ill-formed code, or the verifier could not
// be tested: what is undefined, mistyped or misplaced is for verify.ts to say.

import { Int32Column } from '../base/growable.ts';
import { TextScanner } from '../base/text-scanner.ts';
import type { Signature } from '../contract/artifact.ts';
import type { MachineType } from '../contract/libcalls.ts';
import { trapCodes, type TrapName } from '../contract/traps.ts';
import { maxVRegs } from '../regalloc/operand.ts';
import { type OperandShape, type RowShape, bases, isRegisterKind } from './instruction.ts';
import type { TextTarget } from './print.ts';
import type { AllocatedCode } from './problem.ts';
import { Vcode, type VRegClass, beginBlock, beginInst, constantOf, createVReg } from './vcode.ts';

const maxBlocks = 1 << 20;
const firstSlot = 64;
const int32 = [-(2n ** 31n), 2n ** 31n - 1n] as const;
const uint32Max = 2n ** 32n - 1n;
const machineTypes: readonly string[] = ['i32', 'i64', 'f32', 'f64'] satisfies readonly MachineType[];
const specialBases: Record<string, number> = { vmctx: bases.vmctx, incoming: bases.incoming, outgoing: bases.outgoing, frame: bases.frame };

/** Reads one function. An allocation is read too if the text has one, else it is undefined. */
export function parseVcode(target: TextTarget, text: string): { readonly vcode: Vcode; readonly allocated: AllocatedCode | undefined } {
  const scanner = new TextScanner(text);
  const parser = new VcodeParser(target, scanner);
  const result = parser.function();
  if (!scanner.atEnd()) scanner.fail(`expected end of text, found ${scanner.found()}`);
  return result;
}

interface ParsedType {
  readonly vregClass: VRegClass;
  readonly bytes: number;
}

class VcodeParser {
  private readonly target: TextTarget;
  private readonly s: TextScanner;
  private v: Vcode = new Vcode(0, { params: [], results: [] });
  /** Type of each virtual register, by number, as far as a def or parameter has told it. */
  private readonly types: (ParsedType | undefined)[] = [];
  private highest = -1;
  private block = -1;
  private hasAllocation = false;
  private spillBytes = 0;
  private readonly slotOffset: number[] = [];
  private readonly slotBytes: number[] = [];
  /** Cell and location, in turn. */
  private readonly locations = new Int32Column();
  /** Instruction, from, to, bytes, in turn. */
  private readonly moves = new Int32Column();

  constructor(target: TextTarget, scanner: TextScanner) {
    this.target = target;
    this.s = scanner;
  }

  function(): { readonly vcode: Vcode; readonly allocated: AllocatedCode | undefined } {
    const s = this.s;
    s.skipLines();
    s.expect('function');
    const index = s.maybeEntity('f');
    if (index === undefined) s.word('a name');
    this.v = new Vcode(index ?? 0, this.signature());
    s.expect('{');
    s.expectLineEnd();
    this.head();
    while (!s.take('}')) {
      if (s.looksAt('block')) this.blockHead();
      else if (s.take('move ')) this.move();
      else this.instruction();
    }
    for (let r = 0; r <= this.highest; r++) {
      const type = this.types[r] ?? { vregClass: 0, bytes: 8 };
      createVReg(this.v, type.vregClass, type.bytes);
    }
    return { vcode: this.v, allocated: this.hasAllocation ? this.allocation() : undefined };
  }

  private signature(): Signature {
    const s = this.s;
    const types = (end: () => boolean): MachineType[] => {
      const list: MachineType[] = [];
      while (!end()) {
        if (list.length > 0) s.expect(',');
        const word = s.word('a type');
        if (!machineTypes.includes(word)) s.fail(`'${word}' is no type`);
        list.push(word as MachineType);
      }
      return list;
    };
    s.expect('(');
    const params = types(() => s.take(')'));
    const results = s.take('->') ? types(() => s.looksAt('{')) : [];
    return { params, results };
  }

  private head(): void {
    const { s, v } = this;
    for (;;) {
      if (s.take('outgoing ')) v.outgoingBytes = this.number('bytes');
      else if (s.take('keeps_vmctx')) v.keepsVmctx = true;
      else if (s.take('stack_check')) v.stackCheck = s.take('@') ? this.number('an origin') : -1;
      else if (s.take('spill ')) {
        this.hasAllocation = true;
        this.spillBytes = this.number('bytes');
      } else if (s.maybeEntity('slot') !== undefined) {
        s.expect('at');
        this.slotOffset.push(this.number('an offset'));
        s.expect(':');
        this.slotBytes.push(this.number('bytes'));
      } else return;
      s.expectLineEnd();
    }
  }

  private blockHead(): void {
    const { s, v } = this;
    const number = s.entity('block', maxBlocks);
    if (number !== this.block + 1) s.fail(`blocks are numbered in layout order: expected block${this.block + 1}`);
    const parameters: number[] = [];
    if (s.take('(')) {
      do {
        const vreg = this.vreg();
        this.define(vreg, this.maybeType() ?? s.fail('expected a type'));
        parameters.push(vreg);
      } while (s.take(','));
      s.expect(')');
    }
    const depth = s.take('loop ') ? this.number('a loop depth') : 0;
    s.expect(':');
    s.expectLineEnd();
    this.block = beginBlock(v, depth);
    for (const vreg of parameters) v.parameters.push(vreg);
  }

  // ---- registers, types, locations

  private number(what: string): number {
    return Number(this.s.integer(what, 0n, int32[1]));
  }
  private vreg(): number {
    const vreg = this.s.entity('r', maxVRegs);
    this.highest = Math.max(this.highest, vreg);
    return vreg;
  }
  private define(vreg: number, type: ParsedType): void {
    this.types[vreg] = type;
  }
  private maybeType(): ParsedType | undefined {
    const s = this.s;
    if (!s.take(':')) return undefined;
    const vregClass = s.take('x') ? 1 : 0;
    return { vregClass, bytes: this.number('bytes') };
  }
  private maybeLocation(): number {
    const s = this.s;
    if (!s.take('{')) return -1;
    const location = this.location();
    s.expect('}');
    return location;
  }
  private location(): number {
    const slot = this.s.maybeEntity('slot');
    return slot === undefined ? this.register() : firstSlot + slot;
  }
  private register(): number {
    const name = this.s.word('a register');
    return this.target.maybeRegister(name)?.register ?? this.s.fail(`'${name}' is no register`);
  }
  /** Pushes a cell for a virtual register that was read with its location. */
  private pushVReg({ vreg, location }: ParsedVReg): void {
    const cell = this.v.cells.push(vreg);
    if (location < 0) return;
    this.locations.push(cell);
    this.locations.push(location);
  }
  private placedVReg(): ParsedVReg {
    const vreg = this.vreg();
    return { vreg, location: this.maybeLocation() };
  }

  // ---- moves and instructions

  private move(): void {
    const { s, moves } = this;
    moves.push(this.v.rows.length);
    moves.push(this.location());
    s.expect('->');
    moves.push(this.location());
    s.expect(':');
    moves.push(this.number('bytes'));
    s.expectLineEnd();
  }

  private instruction(): void {
    const { s, v } = this;
    if (this.block < 0) s.fail('expected a block');
    const defs = s.looksAt('r') && /^r[0-9]+[{:@, =]/.test(s.text.slice(s.position, s.position + 12)) ? this.defs() : [];
    const name = s.word('an instruction');
    const row = this.target.instructions.maybeNumberOf(name) ?? s.fail(`no instruction '${name}'`);
    const shape = this.target.instructions.shape(row);
    const inst = beginInst(v, row, -1, 0, -1);
    this.operands(shape, defs);
    if (s.take('!')) v.traps.set(inst, this.trap());
    if (s.take('@')) v.origins.set(inst, this.number('an origin'));
    s.expectLineEnd();
  }

  private defs(): ParsedDef[] {
    const s = this.s;
    const defs: ParsedDef[] = [];
    do {
      const { vreg, location } = this.placedVReg();
      const type = this.maybeType();
      const register = s.take('@') ? this.register() : -1;
      defs.push({ vreg, location, type, register });
    } while (s.take(','));
    s.expect('=');
    return defs;
  }

  private operands(shape: RowShape, defs: readonly ParsedDef[]): void {
    const s = this.s;
    let nextDef = 0;
    let first = true;
    const separator = (): void => {
      if (!first) s.expect(',');
      first = false;
    };
    const takeDef = (operand: OperandShape): ParsedDef => {
      const def = defs[nextDef++] ?? s.fail(`${shape.name} defines more than ${defs.length} registers`);
      this.define(def.vreg, def.type ?? { vregClass: operand.kind === 'float' ? 1 : 0, bytes: operand.bytes });
      return def;
    };
    for (const operand of shape.operands) {
      if (operand.role === 'pin') continue;
      if (isRegisterKind(operand.kind)) {
        const isDef = operand.role !== 'use' && operand.role !== 'lateuse';
        if (!isDef || operand.role === 'mod') {
          separator();
          this.pushVReg(this.placedVReg());
        }
        if (isDef) this.pushVReg(takeDef(operand));
      } else if (operand.kind === 'list' && operand.role === 'def') {
        const rest = defs.slice(nextDef);
        nextDef = defs.length;
        this.v.cells.push(rest.length);
        for (const def of rest) {
          if (def.register < 0) s.fail(`r${def.vreg} needs a register`);
          this.define(def.vreg, def.type ?? s.fail(`r${def.vreg} needs a type`));
          this.pushVReg(def);
          this.v.cells.push(def.register);
        }
      } else {
        separator();
        this.operand(operand);
      }
    }
    if (nextDef !== defs.length) s.fail(`${shape.name} defines ${nextDef} registers, not ${defs.length}`);
  }

  private operand(operand: OperandShape): void {
    const { s, v } = this;
    switch (operand.kind) {
      case 'memory':
        this.memory();
        break;
      case 'immediate':
        if (operand.word === 'i64') {
          const bits = s.integer('an immediate', -(2n ** 63n), 2n ** 64n - 1n);
          v.cells.push(Number(BigInt.asIntN(32, bits)));
          v.cells.push(Number(BigInt.asIntN(32, bits >> 32n)));
        } else v.cells.push(Number(s.integer('an immediate', ...int32)));
        break;
      case 'condition': {
        const name = s.word('a condition');
        const code = this.target.conditionNames.indexOf(name);
        if (code < 0) s.fail(`'${name}' is no condition`);
        v.cells.push(code);
        break;
      }
      case 'block':
        this.successor();
        this.arguments();
        break;
      case 'function':
        v.cells.push(s.entity('fn', maxVRegs));
        break;
      case 'trap':
        v.cells.push(this.trap());
        break;
      case 'blocks': {
        s.expect('[');
        const count = v.cells.push(0);
        let n = 0;
        while (!s.take(']')) {
          if (n++ > 0) s.expect(',');
          this.successor();
        }
        v.cells.set(count, n);
        break;
      }
      case 'list': {
        s.expect('(');
        const count = v.cells.push(0);
        let n = 0;
        while (!s.take(')')) {
          if (n++ > 0) s.expect(',');
          this.pushVReg(this.placedVReg());
          s.expect('@');
          v.cells.push(this.register());
        }
        v.cells.set(count, n);
        break;
      }
      default:
        s.fail(`cannot read operand '${operand.name}'`);
    }
  }

  /** A block operand; each distinct one is a successor. */
  private successor(): void {
    const { v } = this;
    const block = this.s.entity('block', maxBlocks);
    v.cells.push(block);
    for (let i = v.successorStart.at(this.block); i < v.successors.length; i++) if (v.successors.at(i) === block) return;
    v.successors.push(block);
  }
  private arguments(): void {
    const s = this.s;
    if (!s.take('(')) return;
    do this.v.arguments.push(this.vreg());
    while (s.take(','));
    s.expect(')');
  }

  private trap(): number {
    const name = this.s.word('a trap');
    const code: number | undefined = Object.hasOwn(trapCodes, name) ? trapCodes[name as TrapName] : undefined;
    return code ?? this.s.fail(`'${name}' is no trap`);
  }

  private memory(): void {
    const { s, v } = this;
    s.expect('[');
    if (s.take('const ')) {
      const size = this.number('bytes');
      const bytes = ([4, 8, 16] as const).find((b) => b === size) ?? s.fail(`no constant has ${size} bytes`);
      s.expect(':');
      const words = [0, 0, 0, 0];
      for (let i = 0; i < bytes / 4; i++) words[i] = Number(BigInt.asIntN(32, s.integer('a word', 0n, uint32Max)));
      const constant = constantOf(v, bytes, words[0] ?? 0, words[1] ?? 0, words[2] ?? 0, words[3] ?? 0);
      for (const cell of [bases.constant, bases.none, 0, constant]) v.cells.push(cell);
      s.expect(']');
      return;
    }
    let base: ParsedVReg | number = bases.none;
    let index: ParsedVReg | undefined = undefined;
    let scale = 0;
    let displacement = 0;
    let sign = s.take('-') ? -1 : 1;
    do {
      const special = Object.keys(specialBases).find((name) => s.take(name));
      if (special !== undefined) base = specialBases[special] ?? bases.none;
      else if (s.looksAt('r')) {
        const register = this.placedVReg();
        if (s.take('*')) {
          index = register;
          scale = 31 - Math.clz32(this.number('a scale'));
        } else base = register;
      } else displacement = sign * Number(s.integer('a displacement', int32[0], 2n ** 31n));
      sign = s.take('-') ? -1 : s.take('+') ? 1 : 0;
    } while (sign !== 0);
    s.expect(']');
    if (typeof base === 'number') v.cells.push(base);
    else this.pushVReg(base);
    if (index === undefined) v.cells.push(bases.none);
    else this.pushVReg(index);
    v.cells.push(scale);
    v.cells.push(displacement);
  }

  private allocation(): AllocatedCode {
    const locations = new Int32Array(this.v.cells.length).fill(-1);
    for (let i = 0; i < this.locations.length; i += 2) locations[this.locations.at(i)] = this.locations.at(i + 1);
    const column = (part: number): Int32Array => Int32Array.from({ length: this.moves.length / 4 }, (_, i) => this.moves.at(4 * i + part));
    return {
      vcode: this.v,
      locations,
      allocation: {
        locations,
        moves: { before: column(0), from: column(1), to: column(2), bytes: Uint8Array.from(column(3)) },
        slotOffset: Int32Array.from(this.slotOffset),
        slotBytes: Int32Array.from(this.slotBytes),
        spillBytes: this.spillBytes,
        statistics: { spills: 0, reloads: 0, moves: this.moves.length / 4, splits: 0 },
      },
    };
  }
}

interface ParsedVReg {
  readonly vreg: number;
  /** Location, or -1. */
  readonly location: number;
}
interface ParsedDef extends ParsedVReg {
  readonly type: ParsedType | undefined;
  /** Register of a calling convention, or -1. */
  readonly register: number;
}
