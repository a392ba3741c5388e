// Translates one function: its body is decoded, validated and turned into SSA in one pass over the bytes.
// Leaves: a function that `ir/verify` accepts; the entry block begins with `stack_check`; every instruction's origin is the offset of the
//         wasm instruction it comes from; every check that the standard demands stands there as an explicit operation or as a memory flag.
// Throws: `InvalidModule` or `Unsupported` for the body's faults; the module's other parts must be valid already.
// Cost:   linear in the bytes, but for the arguments that joins demand (see local-variables.ts).

import type { Value } from '../base/entity.ts';
import { Unsupported, bug } from '../base/errors.ts';
import {
  IrFunction,
  appendBlock,
  appendInst,
  appendParameter,
  createBlock,
  createInst,
  entryBlock,
  insertInstBefore,
  maybeFirstInst,
  maybeNextInst,
  resultOf,
  valueCount,
} from '../ir/function.ts';
import { op } from '../ir/opcodes.ts';
import { type Type, f32, f64, i64, typeCodes } from '../ir/types.ts';
import { FunctionValidator, frameKinds } from '../wasm/function-validator.ts';
import { type InstructionName, opcode, opcodeLimit } from '../wasm/opcodes.ts';
import { callHandlers } from './calls.ts';
import { controlHandlers, unreachableHandlers } from './control.ts';
import { meter } from './fuel.ts';
import { memoryHandlers } from './memory.ts';
import { numericHandlers } from './numeric.ts';
import type { PreparedModule } from './prepare.ts';
import { tableHandlers } from './tables.ts';
import { type Handler, Translation } from './translation.ts';
import { variableHandlers } from './variables.ts';

/** One handler for each instruction of the table; a new row breaks the build here. */
const handlers: Record<InstructionName, Handler> = {
  ...controlHandlers,
  ...callHandlers,
  ...variableHandlers,
  ...tableHandlers,
  ...memoryHandlers,
  ...numericHandlers,
};

function byOpcode(table: Partial<Record<InstructionName, Handler>>): (Handler | undefined)[] {
  const list: (Handler | undefined)[] = new Array(opcodeLimit).fill(undefined);
  for (const [name, handler] of Object.entries(table)) list[opcode[name as InstructionName]] = handler;
  return list;
}
const reachableSteps = byOpcode(handlers);
const unreachableSteps = byOpcode(unreachableHandlers);

/** Instructions that a byte of wasm becomes, in modules that compilers make; measured on esbuild, swc, sqlite, lightningcss. */
const instsPerByte = 0.52;

/**
 * Two bytes may call a function with a thousand results, take a thousand arguments to a label, or end a structure behind which a thousand
 * locals have new values on each of a thousand edges. What such products make (values, lists, definitions, arguments) may not exceed
 * this; large functions of real modules need up to four for a byte.
 */
const defaultSizeLimit = 2 ** 25;

/** Translates functions of one module, one after another; keeps its tables between them. */
export class Translator {
  private readonly prepared: PreparedModule;
  private readonly validator: FunctionValidator;
  private readonly sizeLimit: number;
  private translation: Translation | undefined = undefined;

  /** `sizeLimit`: values, definitions and arguments that one function may take. */
  constructor(prepared: PreparedModule, sizeLimit = defaultSizeLimit) {
    this.prepared = prepared;
    this.sizeLimit = sizeLimit;
    this.validator = new FunctionValidator(prepared.module);
  }

  /** Translates function `index` of the index space, which must be one that the module defines. */
  translate(index: number): IrFunction {
    const { prepared, validator, sizeLimit } = this;
    const { signatures, functionSignatures, module } = prepared;
    const signature = signatures[functionSignatures[index] ?? -1] ?? bug(`unknown function ${index}`);
    validator.begin(index - module.importedFunctions);
    const { input } = validator.operator;
    const f = new IrFunction(index, signature, signatures, functionSignatures, 16 + Math.ceil((input.end - input.position) * instsPerByte));
    const t = (this.translation ??= new Translation(prepared, validator, f));
    enterFunction(t, f);
    const isMetered = prepared.options.fuel === true;
    do {
      validator.step();
      t.b.origin = validator.operator.offset;
      if (isMetered && t.reachable) meter(t, validator.operator.opcode);
      const handler = (t.reachable ? reachableSteps : unreachableSteps)[validator.operator.opcode];
      if (handler !== undefined) handler(t);
      if (valueCount(f) + f.pool.length + t.locals.size + t.kept.length > sizeLimit) throw new Unsupported(`limit: a function that takes more than ${sizeLimit} values and arguments`, t.b.origin);
    } while (!validator.done);
    t.locals.finish();
    return f;
  }
}

/** Makes the entry block: parameters, stack check, and the frame that the body's own `end` closes. */
function enterFunction(t: Translation, f: IrFunction): void {
  const { validator } = t;
  const entry = createBlock(f);
  appendBlock(f, entry);
  t.begin(f, entry);
  t.b.origin = validator.operator.input.position;
  const params: Value[] = f.signature.params.map((type) => appendParameter(f, entry, typeCodes[type]));
  const origin = t.b.origin;
  t.b.stackCheck();
  t.locals.begin(f, entry, validator.locals, validator.localCount, params, (type) => placeZero(f, type, origin));
  t.openFrame(frameKinds.function, validator.type, 0);
}

/** A zero of any type in the entry block, just behind the stack check. */
function placeZero(f: IrFunction, type: Type, origin: number): Value {
  const entry = entryBlock(f);
  const opcodeOfZero = type === f32 || type === f64 ? op.fconst : op.iconst;
  const immediate = type === i64 || type === f64 ? f.wide.push(0n) : 0;
  const inst = createInst(f, opcodeOfZero, type, 0, -1, -1, -1, immediate, origin);
  const check = maybeFirstInst(f, entry) ?? bug('entry block without stack check');
  const next = maybeNextInst(f, check);
  if (next === undefined) appendInst(f, entry, inst);
  else insertInstBefore(f, inst, next);
  return resultOf(f, inst);
}
