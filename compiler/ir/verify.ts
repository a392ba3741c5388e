// Judges a function: recomputes every fact from storage and reports every fault, by entity, with the instruction's text.
// Needs:  nothing; storage may be broken in any way.
// Method: three rounds, each safe if the one before found nothing: where things point (raw.ts), what each instruction says
//         (verify-types.ts), and where values are available (verify-dominance.ts). Unreachable blocks are allowed, and their
//         instructions are held to everything but dominance.
// Rules beyond types: a block ends in its only terminator; the entry's parameters are the signature's and nothing branches to it;
//         a use names a value that stands in the layout and whose definition dominates it.

import type { Dominance } from '../base/dominance.ts';
import { type Block, type Inst, type Value, asValue } from '../base/entity.ts';
import { bug } from '../base/errors.ts';
import { newBytes, newInt32s } from '../base/storage.ts';
import {
  type IrFunction,
  argumentAt,
  argumentCount,
  blockOfCall,
  instCount,
  isInLayout,
  maybeDefinitionOf,
  maybeFirstBlock,
  maybeFirstInst,
  maybeFirstParameter,
  maybeNextBlock,
  maybeNextInst,
  maybeNextParameter,
  maybeParameterBlockOf,
  opcodeOf,
  operandAt,
  operandCount,
  resultAt,
  resultCount,
  successorAt,
  successorCount,
  typeOf,
  valueCount,
} from './function.ts';
import { isTerminator, opcodeName } from './opcodes.ts';
import { printBlockHeader, printInst } from './print.ts';
import { addStorageFaults, brokenAlias, linkFaultsOf } from './raw.ts';
import { computeDominance } from './verify-dominance.ts';
import { addTypeFaults } from './verify-types.ts';
import { type TypeName, typeName } from './types.ts';

export interface IrFault {
  /** `inst9`, `block2`, `v3` or `function f7`. */
  readonly where: string;
  readonly message: string;
  /** The text around it. */
  readonly text: string;
}

/** Every fault of a function, in layout order. */
export function verifyFunction(f: IrFunction): readonly IrFault[] {
  const name = `function f${f.index}`;
  const links = linkFaultsOf(f);
  if (links.length > 0) return links.map((message) => ({ where: name, message, text: '' }));
  const first = maybeFirstBlock(f);
  if (first === undefined) return [{ where: name, message: 'has no blocks', text: '' }];
  const alias = brokenAlias(f);
  if (alias >= 0) return [{ where: `v${alias}`, message: 'is an alias of itself', text: '' }];

  const faults: IrFault[] = [];
  const messages: string[] = [];
  eachInst(f, (block, inst) => {
    addStorageFaults(f, inst, messages);
    while (messages.length > 0) faults.push({ where: `inst${inst}`, message: messages.shift() ?? '', text: `block${block}: ${opcodeName(opcodeOf(f, inst))}` });
  });
  if (faults.length > 0) return faults;

  verifyEntry(f, first, faults);
  const ended = verifyEnds(f, faults);
  eachInst(f, (block, inst) => {
    addTypeFaults(f, inst, messages);
    while (messages.length > 0) faults.push(instFault(f, block, inst, messages.shift() ?? ''));
  });
  verifyUses(f, ended ? computeDominance(f) : undefined, faults);
  return faults;
}

/** Throws a `Bug` that lists every fault; `when` names the stage that came before. */
export function expectVerified(f: IrFunction, when: string): void {
  const faults = verifyFunction(f);
  if (faults.length > 0) bug(`ill-formed IR after ${when}:\n${printFaults(faults)}`, `function f${f.index}`);
}

/** Faults as text, two lines each. */
export function printFaults(faults: readonly IrFault[]): string {
  return faults.map(({ where, message, text }) => `${where}: ${message}${text === '' ? '' : `\n    ${text}`}`).join('\n');
}

function instFault(f: IrFunction, block: Block, inst: Inst, message: string): IrFault {
  return { where: `inst${inst}`, message, text: `block${block}: ${printInst(f, inst)}` };
}

function eachInst(f: IrFunction, visit: (block: Block, inst: Inst) => void): void {
  for (let b = maybeFirstBlock(f); b !== undefined; b = maybeNextBlock(f, b)) {
    for (let i = maybeFirstInst(f, b); i !== undefined; i = maybeNextInst(f, i)) visit(b, i);
  }
}

function verifyEntry(f: IrFunction, entry: Block, faults: IrFault[]): void {
  const found: TypeName[] = [];
  for (let v = maybeFirstParameter(f, entry); v !== undefined; v = maybeNextParameter(f, v)) found.push(typeName(typeOf(f, v)));
  const wanted = f.signature.params;
  if (found.length !== wanted.length || found.some((type, i) => type !== wanted[i]))
    faults.push({ where: `block${entry}`, message: `entry block takes (${found.join(', ')}), the signature says (${wanted.join(', ')})`, text: printBlockHeader(f, entry) });
}

/** Checks that each block has one terminator, at its end; answers whether all do. */
function verifyEnds(f: IrFunction, faults: IrFault[]): boolean {
  const before = faults.length;
  for (let b = maybeFirstBlock(f); b !== undefined; b = maybeNextBlock(f, b)) {
    let last: Inst | undefined;
    for (let i = maybeFirstInst(f, b); i !== undefined; i = maybeNextInst(f, i)) {
      if (last !== undefined && isTerminator(opcodeOf(f, last))) faults.push(instFault(f, b, last, 'terminator in the middle of a block'));
      last = i;
    }
    if (last === undefined) faults.push({ where: `block${b}`, message: 'is empty', text: printBlockHeader(f, b) });
    else if (!isTerminator(opcodeOf(f, last))) faults.push(instFault(f, b, last, 'block does not end in a terminator'));
    else verifyTargets(f, b, last, faults);
  }
  return faults.length === before;
}

function verifyTargets(f: IrFunction, block: Block, last: Inst, faults: IrFault[]): void {
  for (let s = 0; s < successorCount(f, last); s++) {
    const target = blockOfCall(f, successorAt(f, last, s));
    if (!isInLayout(f, target)) faults.push(instFault(f, block, last, `branches to block${target}, which is not in the layout`));
    else if (target === f.firstLayoutBlock) faults.push(instFault(f, block, last, 'branches to the entry block'));
  }
}

function verifyUses(f: IrFunction, dominance: Dominance | undefined, faults: IrFault[]): void {
  // Position of each placed instruction in its block; -1 for those that are not in the layout.
  const position = newInt32s(instCount(f)).fill(-1);
  let next = 0;
  eachInst(f, (_, inst) => (position[inst] = next++));
  const isParameter = newBytes(valueCount(f));
  for (let b = maybeFirstBlock(f); b !== undefined; b = maybeNextBlock(f, b)) {
    for (let v = maybeFirstParameter(f, b); v !== undefined; v = maybeNextParameter(f, v)) isParameter[v] = 1;
  }

  const use = (block: Block, inst: Inst, value: Value): void => {
    const definition = maybeDefinitionOf(f, value);
    const home = definition === undefined ? maybeParameterBlockOf(f, value) : (f.blockOfInst.at(definition) as Block);
    const placed = definition === undefined ? isParameter[value] === 1 : (position[definition] ?? -1) >= 0;
    if (!placed || home === undefined) {
      faults.push(instFault(f, block, inst, `uses v${value}, which nothing in the layout defines`));
      return;
    }
    if (dominance === undefined || !dominance.isReachable(block)) return;
    const available =
      home === block
        ? definition === undefined || (position[definition] ?? -1) < (position[inst] ?? -1)
        : dominance.isReachable(home) && dominance.dominates(home, block);
    if (!available) faults.push(instFault(f, block, inst, `uses v${value}, whose definition in block${home} does not dominate it`));
  };
  eachInst(f, (block, inst) => {
    for (let i = 0; i < operandCount(f, inst); i++) use(block, inst, operandAt(f, inst, i));
    for (let s = 0; s < successorCount(f, inst); s++) {
      const call = successorAt(f, inst, s);
      for (let i = 0; i < argumentCount(f, call); i++) use(block, inst, argumentAt(f, call, i));
    }
    for (let r = 0; r < resultCount(f, inst); r++) {
      const result = asValue(resultAt(f, inst, r));
      if (isParameter[result] === 1) faults.push(instFault(f, block, inst, `defines v${result}, which is a block parameter`));
    }
  });
}
