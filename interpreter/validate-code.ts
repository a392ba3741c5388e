// Checks function bodies and constant expressions, and writes compact code on the way when an emitter is given.
// Chapter: "Validation", section "Instructions", "Expressions" and "Constant Expressions"; section "Modules", "Functions".
// Instructions are sent to the file that knows their group; the state between them is `checker.ts`.
import { readInstruction } from './decode-code.ts';
import type { Instruction } from './instructions.ts';
import { PREFIX_GC, PREFIX_VECTOR } from './instructions.ts';
import type { Context } from './context.ts';
import { identityOf, resolveType } from './context.ts';
import { Checker } from './checker.ts';
import type { CompactCode, Emitter } from './compact.ts';
import type { Expression, FunctionBody } from './syntax.ts';
import type { ValueType } from './types.ts';
import { isRef } from './types.ts';
import { checkAggregate } from './validate-gc.ts';
import { checkControl } from './validate-control.ts';
import { checkVariable } from './validate-variables.ts';
import { checkPlain, checkPrefixed } from './validate-plain.ts';
import { checkBulk, checkTableAccess } from './validate-bulk.ts';

/** Operands the trace shows of one instruction, counted from the top. */
const MAX_DESCRIBED = 16;

/** Checks instructions in the extent against the result types. */
function sequence(c: Checker, extent: Expression, results: readonly ValueType[]): void {
  const r = c.reader;
  r.pos = extent.start;
  r.end = extent.end;
  c.pushControl('function', [], results);
  while (c.controls.length > 0) {
    c.offset = r.pos;
    const instruction = readInstruction(r);
    if (c.constant) requireConstant(c, instruction);
    if (c.out?.mapping === true) describedInstruction(c, instruction, c.out);
    else checkInstruction(c, instruction);
  }
}

/** An instruction whose operand types are noted for the trace. */
function describedInstruction(c: Checker, instruction: Instruction, out: Emitter): void {
  const height = c.types.length;
  const before = c.types.slice(-MAX_DESCRIBED);
  c.lowest = height;
  checkInstruction(c, instruction);
  out.describe(before.slice(Math.max(0, before.length - (height - c.lowest))));
}

/** The instructions a constant expression may use; `global.get` is checked further where the global is known. */
function requireConstant(c: Checker, { opcode }: Instruction): void {
  const second = opcode & 0xfff;
  const allowed = opcode >> 12 === PREFIX_GC ? second <= 1 || second >= 6 && second <= 8 || second >= 26 && second <= 28
    : opcode >> 12 === PREFIX_VECTOR ? second === 0x0c
    : opcode === 0x0b || opcode === 0x23 || opcode >= 0x41 && opcode <= 0x44 || opcode === 0xd0 || opcode === 0xd2
      || opcode >= 0x6a && opcode <= 0x6c || opcode >= 0x7c && opcode <= 0x7e;
  if (!allowed) c.invalid('constant expression required');
}

/** Sends an instruction to its group. */
function checkInstruction(c: Checker, ins: Instruction): void {
  const { opcode } = ins;
  if (opcode < 0x100) {
    if (ins.operands !== undefined) checkPlain(c, ins);
    else if (opcode <= 0x15 || opcode === 0x1f) checkControl(c, opcode);
    else if (opcode === 0x25 || opcode === 0x26) checkTableAccess(c, opcode);
    else checkVariable(c, opcode);
  } else if (opcode >> 12 === PREFIX_GC) checkAggregate(c, opcode & 0xfff);
  else if (ins.operands !== undefined) checkPrefixed(c, ins);
  else checkBulk(c, opcode & 0xfff);
}

function finishCode(checker: Checker, emitter: Emitter, paramInts: number, hasRefLocals: boolean): CompactCode {
  return {
    code: Int32Array.from(emitter.code),
    handlers: emitter.handlers.map(({ clauses, end }) => {
      const past = emitter.code[clauses] ?? 0;
      return { start: past, end, clauses: clauses + 1 };
    }),
    localInts: checker.frameInts(),
    frameInts: checker.frameInts() + checker.maxSlots * 2,
    paramInts,
    hasRefLocals,
    positions: emitter.positions,
    offsets: emitter.offsets,
    operandTypes: emitter.operandTypes,
  };
}

/** Declares a body's locals and checks its instructions. */
function checkWith(checker: Checker, body: FunctionBody): { paramInts: number; hasRefLocals: boolean } {
  const { context } = checker;
  checker.offset = body.offset;
  const type = context.space.func(identityOf(context, body.typeIndex, body.offset));
  for (const param of type.params) checker.addLocal(param, true);
  const paramInts = checker.frameInts();
  let hasRefLocals = false;
  for (const group of body.locals) {
    const local = resolveType(context, group.type, body.offset);
    if (isRef(local)) hasRefLocals = true;
    for (let i = 0; i < group.count; i++) checker.addLocal(local, false);
  }
  sequence(checker, body.code, type.results);
  return { paramInts, hasRefLocals };
}

/** Validates one function body. */
export function checkBody(context: Context, body: FunctionBody): void {
  checkWith(new Checker(context, undefined, false), body);
}

/** Translates a body that has been validated; with `mapping`, keeps byte offsets of operators. */
export function compileBody(context: Context, body: FunctionBody, emitter: Emitter): CompactCode {
  const checker = new Checker(context, emitter, false);
  const { paramInts, hasRefLocals } = checkWith(checker, body);
  return finishCode(checker, emitter, paramInts, hasRefLocals);
}

/** Validates a constant expression of one result. */
export function checkConstant(context: Context, expression: Expression, type: ValueType): void {
  const checker = new Checker(context, undefined, true);
  checker.offset = expression.start;
  sequence(checker, expression, [type]);
}

/** Translates a validated constant expression to a parameterless function. */
export function compileConstant(context: Context, expression: Expression, type: ValueType, emitter: Emitter): CompactCode {
  const checker = new Checker(context, emitter, true);
  sequence(checker, expression, [type]);
  return finishCode(checker, emitter, 0, false);
}
