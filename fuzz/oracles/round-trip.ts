// Printer and parser of a level are each other's inverse: what is read back prints the same, and the next level makes the same of it as of the original,
// since a printer that leaves something out would read back to the same text.

import {
  allocate, type AllocatedCode, type AllocatorName, applyAllocation, checkAllocation, CountingControl, type IrFunction, maybeParseProof, ModuleAssembler, optimise, parseFunction, parseProblem, parseVcode, printAllocated, printFaults, printFunction,
  printProblem, printProof, printVcode, select, type Target, targetOf, type TargetName, TextScanner, toProblem, type Vcode, verifyFunction, verifyVcode,
} from '../../compiler/inside.ts';

export const textLevels = ['ir', 'vcode', 'allocated', 'problem', 'proof'] as const;
export type TextLevel = (typeof textLevels)[number];

export interface TextCase {
  readonly level: TextLevel;
  readonly target: TargetName;
  readonly regalloc: AllocatorName;
  /** With the mid-end before everything else. */
  readonly isOptimised: boolean;
  /** With all optional features of the target, or with none. */
  readonly hasFeatures: boolean;
  /** The function, as text. */
  readonly text: string;
}

export interface TextFault {
  readonly level: TextLevel | 'verify';
  readonly detail: string;
}

/** Printers and parsers by level, as they are or with one that stands in. */
export interface Printers {
  readonly printFunction: typeof printFunction;
  readonly printVcode: typeof printVcode;
}
export const printers: Printers = { printFunction, printVcode };

const differ = (level: TextLevel, first: string, second: string): TextFault | undefined =>
  first === second ? undefined : { level, detail: `printed\n${first}\nread and printed again\n${second}` };

/** The bytes of allocated code, in hexadecimal. */
function emitted(target: Target, code: AllocatedCode): string {
  const assembler = new ModuleAssembler(target);
  return Buffer.from(assembler.bytesOf(assembler.add(code))).toString('hex');
}

/** What is wrong with the text of one level of a function; undefined when nothing is. */
export function roundTripFault({ level, target: name, regalloc, isOptimised, hasFeatures, text }: TextCase, { printFunction: print, printVcode: printCode }: Printers = printers): TextFault | undefined {
  const f = parseFunction(text);
  const target = targetOf(name);
  const features = new Set(hasFeatures ? target.features : []);
  const lowered = (g: IrFunction): Vcode => select(g, target.lowering, features, new CountingControl());
  if (isOptimised) optimise(f, new CountingControl());
  const faults = verifyFunction(f);
  if (faults.length > 0) return { level: 'verify', detail: `${printFaults(faults)}\n${text}` };
  if (level === 'ir') {
    const printed = print(f);
    const again = parseFunction(printed);
    return differ(level, printed, printFunction(again)) ?? differ(level, printVcode(target, lowered(f)), printVcode(target, lowered(again)));
  }
  const vcode = lowered(f);
  const wrong = verifyVcode(vcode, target.instructions, { features });
  if (wrong.length > 0) return { level: 'verify', detail: `${JSON.stringify(wrong)}\n${text}` };
  if (level === 'vcode') {
    const printed = printCode(target, vcode);
    const again = parseVcode(target, printed).vcode;
    const problemOf = (v: Vcode): string => printProblem(toProblem(v, target.instructions, target.registers).problem);
    return differ(level, printed, printVcode(target, again)) ?? differ(level, problemOf(vcode), problemOf(again));
  }
  const stated = toProblem(vcode, target.instructions, target.registers);
  const allocation = allocate(stated.problem, { algorithm: regalloc });
  if (level === 'problem') {
    const printed = printProblem(stated.problem, allocation, 'whole');
    const again = parseProblem(new TextScanner(printed));
    return differ(level, printed, printProblem(again.problem, again.allocation, again.name));
  }
  if (level === 'allocated') {
    const code = applyAllocation(vcode, stated, allocation);
    const printed = printAllocated(target, code);
    const { allocated } = parseVcode(target, printed);
    if (allocated === undefined) return { level, detail: `read without its allocation\n${printed}` };
    return differ(level, printed, printAllocated(target, allocated)) ?? differ(level, emitted(target, code), emitted(target, allocated));
  }
  const verdict = checkAllocation(stated.problem, allocation);
  if (verdict.kind === 'faults') return { level: 'verify', detail: `the allocation of ${name} is refuted\n${text}` };
  const printed = printProof(f.index, verdict);
  const again = maybeParseProof(printed);
  return differ(level, printed, again === undefined ? '' : printProof(again.index, again.proof));
}
