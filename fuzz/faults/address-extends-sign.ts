// A frontend fault: an i32 address is widened with its sign when it is added to the memory's base.
// Addresses of 2^31 and above then lie before the memory, and with an offset that makes up for it inside. Only the trap that is missing shows it.

import { type IrFunction, type Level, maybeDefinitionOf, maybeFirstBlock, maybeFirstInst, maybeNextBlock, maybeNextInst, op, opcodeOf, operandAt, operandCount, createInst, firstOperand, insertInstBefore, i64, originOf, replaceValue, removeInst, resultOf } from '../../compiler/inside.ts';
import type { PlantedFault } from './fault.ts';

function widensForSum(f: IrFunction): ReturnType<typeof maybeDefinitionOf>[] {
  const found: ReturnType<typeof maybeDefinitionOf>[] = [];
  for (let block = maybeFirstBlock(f); block !== undefined; block = maybeNextBlock(f, block)) {
    for (let inst = maybeFirstInst(f, block); inst !== undefined; inst = maybeNextInst(f, inst)) {
      if (opcodeOf(f, inst) !== op.iadd) continue;
      for (let i = 0; i < operandCount(f, inst); i++) {
        const definition = maybeDefinitionOf(f, operandAt(f, inst, i));
        if (definition !== undefined && opcodeOf(f, definition) === op.uextend) found.push(definition);
      }
    }
  }
  return found;
}

function extendSign(level: Level): Level {
  if (level.level !== 'ir') return level;
  const { f } = level;
  for (const inst of new Set(widensForSum(f))) {
    if (inst === undefined) continue;
    const widened = createInst(f, op.sextend, i64, 0, firstOperand(f, inst), -1, -1, 0, originOf(f, inst));
    insertInstBefore(f, widened, inst);
    replaceValue(f, resultOf(f, inst), resultOf(f, widened));
    removeInst(f, inst);
  }
  return level;
}

export const addressExtendsSign: PlantedFault = {
  name: 'address-extends-sign',
  summary: 'an i32 that is added to a memory base is sign-extended',
  history: 'Cranelift, 2020 (8f34d2dc59) and Winch, CVE-2026-34987: the index of an access was not zero-extended before it was added to the heap base',
  component: 'frontend',
  target: 'x86-64',
  faults: [{ kind: 'transformer', name: 'address-extends-sign', stage: 'translate', transform: extendSign }],
  isWild: true,
  level: 'translate',
  witness: '(module (memory 1) (data (i32.const 0) "abcdefgh") (func (export "f") (param i32) (result i32) (i32.load offset=16 (i32.or (i32.and (local.get 0) (i32.const 4)) (i32.const 0xfffffff0)))))',
};
