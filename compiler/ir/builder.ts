// Appends instructions at the end of a block, one method per format, stamping each with the current origin.
// The builder checks nothing but what storage needs; `ir/verify` judges the result.

import type { Block, Inst, Value } from '../base/entity.ts';
import {
  type BlockCall,
  type IrFunction,
  type MemoryFlags,
  appendInst,
  createBlockCall,
  createInst,
  createJumpTable,
  createList,
  packMemoryFlags,
  resultOf,
} from './function.ts';
import { type FcmpCondition, type IcmpCondition, type Opcode, fcmpConditions, icmpConditions, op } from './opcodes.ts';
import { type Type, f32, i32, i64 } from './types.ts';

export class Builder {
  readonly f: IrFunction;
  /** Where instructions go. */
  block: Block;
  /** Byte offset in the wasm module that new instructions are stamped with. */
  origin = -1;
  constructor(f: IrFunction, block: Block) {
    this.f = f;
    this.block = block;
  }

  private place(opcode: Opcode, type: Type | 0, detail: number, a: number, b: number, c: number, immediate: number): Inst {
    const inst = createInst(this.f, opcode, type, detail, a, b, c, immediate, this.origin);
    appendInst(this.f, this.block, inst);
    return inst;
  }
  private value(opcode: Opcode, type: Type | 0, detail: number, a: number, b: number, c: number, immediate: number): Value {
    return resultOf(this.f, this.place(opcode, type, detail, a, b, c, immediate));
  }

  /** An i32 constant, as an int32 number. */
  iconst32(value: number): Value {
    return this.value(op.iconst, i32, 0, -1, -1, -1, value | 0);
  }
  iconst64(value: bigint): Value {
    return this.value(op.iconst, i64, 0, -1, -1, -1, this.f.wide.push(value));
  }
  /** A float constant from its bits. */
  fconst(type: Type, bits: bigint): Value {
    const immediate = type === f32 ? Number(BigInt.asIntN(32, bits)) : this.f.wide.push(bits);
    return this.value(op.fconst, type, 0, -1, -1, -1, immediate);
  }
  vmctx(): Value {
    return this.value(op.vmctx, i64, 0, -1, -1, -1, 0);
  }
  /** A unary opcode whose result has its operand's type. */
  unary(opcode: Opcode, x: Value): Value {
    return this.value(opcode, 0, 0, x, -1, -1, 0);
  }
  /** A unary opcode with a result of type `type`. */
  convert(opcode: Opcode, type: Type, x: Value): Value {
    return this.value(opcode, type, 0, x, -1, -1, 0);
  }
  binary(opcode: Opcode, x: Value, y: Value): Value {
    return this.value(opcode, 0, 0, x, y, -1, 0);
  }
  icmp(condition: IcmpCondition, x: Value, y: Value): Value {
    return this.value(op.icmp, 0, icmpConditions[condition], x, y, -1, 0);
  }
  fcmp(condition: FcmpCondition, x: Value, y: Value): Value {
    return this.value(op.fcmp, 0, fcmpConditions[condition], x, y, -1, 0);
  }
  select(condition: Value, x: Value, y: Value): Value {
    return this.value(op.select, 0, 0, condition, x, y, 0);
  }
  selectGuard(condition: Value, x: Value, y: Value): Value {
    return this.value(op.select_guard, 0, 0, condition, x, y, 0);
  }
  /** A load of any width; `offset` in bytes is added to the address. */
  load(opcode: Opcode, type: Type, flags: MemoryFlags, address: Value, offset: number): Value {
    return this.value(opcode, type, packMemoryFlags(flags), address, -1, -1, offset);
  }
  store(opcode: Opcode, flags: MemoryFlags, value: Value, address: Value, offset: number): void {
    this.place(opcode, 0, packMemoryFlags(flags), value, address, -1, offset);
  }
  call(callee: number, args: readonly Value[]): Inst {
    return this.place(op.call, 0, 0, createList(this.f, args), args.length, -1, callee);
  }
  callIndirect(signature: number, code: Value, vmctx: Value, args: readonly Value[]): Inst {
    return this.place(op.call_indirect, 0, 0, createList(this.f, [code, vmctx, ...args]), args.length + 2, -1, signature);
  }
  libcall(number: number, args: readonly Value[]): Inst {
    return this.place(op.libcall, 0, 0, createList(this.f, args), args.length, -1, number);
  }
  stackCheck(): void {
    this.place(op.stack_check, 0, 0, -1, -1, -1, 0);
  }
  trapz(condition: Value, trap: number): void {
    this.place(op.trapz, 0, 0, condition, -1, -1, trap);
  }
  trapnz(condition: Value, trap: number): void {
    this.place(op.trapnz, 0, 0, condition, -1, -1, trap);
  }
  jump(target: Block, args: readonly Value[]): Inst {
    return this.place(op.jump, 0, 0, createBlockCall(this.f, target, args), -1, -1, 0);
  }
  brif(condition: Value, then: Block, thenArgs: readonly Value[], otherwise: Block, otherwiseArgs: readonly Value[]): Inst {
    const first = createBlockCall(this.f, then, thenArgs);
    return this.place(op.brif, 0, 0, condition, first, createBlockCall(this.f, otherwise, otherwiseArgs), 0);
  }
  /** The last of `calls` (made by `createBlockCall`) is taken for an index out of range. */
  brTable(index: Value, calls: readonly BlockCall[]): Inst {
    return this.place(op.br_table, 0, 0, index, createJumpTable(this.f, calls), -1, 0);
  }
  return(values: readonly Value[]): Inst {
    return this.place(op.return, 0, 0, createList(this.f, values), values.length, -1, 0);
  }
  trap(trap: number): Inst {
    return this.place(op.trap, 0, 0, -1, -1, -1, trap);
  }
}
