// Calls: of own functions directly, of imports through code and vmctx kept in the vmctx, of references through their descriptor after
// the checks that the standard demands (chapter 4.4.8, `call_indirect`). Argument lists and results are those of the signature.

import type { Inst } from '../base/entity.ts';
import { bug } from '../base/errors.ts';
import { trapCodes } from '../contract/traps.ts';
import { functionDescriptor, functionEntry } from '../contract/vmctx.ts';
import type { MemoryFlags } from '../ir/function.ts';
import { op } from '../ir/opcodes.ts';
import { i32 } from '../ir/types.ts';
import { pushResults } from './runtime-calls.ts';
import { loadElement } from './tables.ts';
import { type Handler, type Translation, vmctxConstant } from './translation.ts';

export const callHandlers: Record<'call' | 'call_indirect', Handler> = {
  call,
  call_indirect: callIndirect,
};

/** A function's descriptor never changes. */
const descriptor: MemoryFlags = { region: 'descriptor', readonly: true, trap: 0 };

function call(t: Translation): void {
  const callee = t.operator.index;
  const { signatures, functionSignatures } = t.prepared;
  const signature = functionSignatures[callee] ?? bug(`unknown function ${callee}`);
  const arity = signatures[signature]?.params.length ?? bug(`unknown signature ${signature}`);
  let inst: Inst;
  if (callee < t.module.importedFunctions) {
    const entry = t.layout.importedFunction(callee);
    const code = t.constantField(entry + functionEntry.code);
    const vmctx = t.constantField(entry + functionEntry.vmctx);
    inst = t.b.callIndirect(signature, code, vmctx, t.peek(arity));
  } else inst = t.b.call(callee, t.peek(arity));
  t.drop(arity);
  pushResults(t, inst);
}

function callIndirect(t: Translation): void {
  const { index: type, second: table } = t.operator;
  const signature = t.prepared.typeSignatures[type] ?? bug(`unknown type ${type}`);
  const arity = t.prepared.signatures[signature]?.params.length ?? bug(`unknown signature ${signature}`);
  const target = loadElement(t, table, t.pop(), trapCodes.undefinedElement);
  t.b.trapz(target, trapCodes.uninitializedElement);
  const found = t.b.load(op.load, i32, descriptor, target, functionDescriptor.signature);
  const expected = t.b.load(op.load, i32, vmctxConstant, t.vmctx(), t.layout.signature(type));
  t.b.trapnz(t.b.icmp('ne', found, expected), trapCodes.indirectCallTypeMismatch);
  const code = t.load64(descriptor, target, functionDescriptor.code);
  const vmctx = t.load64(descriptor, target, functionDescriptor.vmctx);
  const inst = t.b.callIndirect(signature, code, vmctx, t.peek(arity));
  t.drop(arity);
  pushResults(t, inst);
}
