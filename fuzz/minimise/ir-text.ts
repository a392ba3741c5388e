// IR that can be edited: functions as blocks of instructions, an instruction as its text with the names of values and blocks in it.
//
// The compiler's own parser and printer are the only ones: what is read is what `printFunction` writes of what was parsed, so its form is known; what is written goes
// through the parser and the verifier before anybody sees it. Values and blocks keep their numbers, so that several changes made for one function go together.

import { asValue, type IrFunction, parseFunctions, printFunction, typeName, typeOf } from '../../compiler/inside.ts';

export interface IrInstruction {
  /** Tells it from others of its function, also after changes. */
  readonly id: number;
  /** Numbers of the values it defines. */
  readonly results: readonly number[];
  /** The opcode, with its type where one is written: `iadd`, `load.i32`. */
  readonly name: string;
  /** What stands behind the opcode. */
  readonly words: string;
}

export interface IrBlock {
  readonly number: number;
  readonly parameters: readonly number[];
  /** The last one ends the block. */
  readonly instructions: readonly IrInstruction[];
}

export interface EditFunction {
  readonly name: string;
  readonly params: readonly string[];
  readonly results: readonly string[];
  /** Lines that say what signatures and callees are. */
  readonly declarations: readonly string[];
  /** The first is the entry, whose parameters are the function's. */
  readonly blocks: readonly IrBlock[];
  /** Types of all values, those that are gone included. */
  readonly types: ReadonlyMap<number, string>;
  readonly nextId: number;
}

/** Functions of one text, and the comment before the first. */
export interface IrText {
  readonly head: string;
  readonly functions: readonly EditFunction[];
}

/** Comments at the start of a text: they may say how it is to be run. */
export function headOf(text: string): string {
  return /^(?:[ \t]*(?:;[^\n]*)?\n)*/.exec(text)?.[0] ?? '';
}

const opening = /^function (\S+)\(([^)]*)\)(?: -> (.+))? \{$/;
const blockLine = /^block(\d+)(?:\((.*)\))?:$/;
const instructionLine = /^ {4}(?:(v\d+(?:, v\d+)*) = )?([a-z]\w*(?:\.\w+)?)(?: (.*))?$/;
const declaration = /^ {4}(?:sig|fn)\d+ = /;

const words = (list: string | undefined): string[] => (list === undefined || list === '' ? [] : list.split(', '));
const numbersIn = (list: string): number[] => Array.from(list.matchAll(/\bv(\d+)\b/g), ([, number]) => Number(number));

function readFunction(name: string, f: IrFunction): EditFunction {
  const lines = printFunction(f, { name }).split('\n');
  const [, , params, results] = opening.exec(lines[0] ?? '') ?? [];
  const declarations: string[] = [];
  const blocks: { number: number; parameters: number[]; instructions: IrInstruction[] }[] = [];
  const types = new Map<number, string>();
  let nextId = 0;
  const define = (number: number): number => {
    types.set(number, typeName(typeOf(f, asValue(number))));
    return number;
  };
  for (const line of lines.slice(1)) {
    const block = blockLine.exec(line);
    if (block !== null) {
      blocks.push({ number: Number(block[1]), parameters: numbersIn(block[2] ?? '').map(define), instructions: [] });
      continue;
    }
    if (declaration.test(line)) {
      declarations.push(line);
      continue;
    }
    const [, left, opcode, right = ''] = instructionLine.exec(line) ?? [];
    if (opcode !== undefined) blocks.at(-1)?.instructions.push({ id: nextId++, results: numbersIn(left ?? '').map(define), name: opcode, words: right });
  }
  return { name, params: words(params), results: words(results), declarations, blocks, types, nextId };
}

/** Reads a text. Throws `TextError` where it is none. */
export function readIrText(text: string): IrText {
  return { head: headOf(text), functions: parseFunctions(text).map(({ name, f }) => readFunction(name, f)) };
}

function printInstruction({ results, name, words: right }: IrInstruction): string {
  return `    ${results.length === 0 ? '' : `${results.map((number) => `v${number}`).join(', ')} = `}${name}${right === '' ? '' : ` ${right}`}`;
}

export function printIrText({ head, functions }: IrText): string {
  const lines = functions.flatMap(({ name, params, results, declarations, blocks, types }) => [
    `function ${name}(${params.join(', ')})${results.length === 0 ? '' : ` -> ${results.join(', ')}`} {`,
    ...declarations,
    ...blocks.flatMap(({ number, parameters, instructions }) => [
      `block${number}${parameters.length === 0 ? '' : `(${parameters.map((value) => `v${value}: ${types.get(value)}`).join(', ')})`}:`,
      ...instructions.map(printInstruction),
    ]),
    '}',
    '',
  ]);
  return head + lines.join('\n');
}

// ---- questions

const enders: ReadonlySet<string> = new Set(['jump', 'brif', 'br_table', 'return', 'trap']);

export const endsBlock = ({ name }: IrInstruction): boolean => enders.has(name);

/** Values that an instruction uses, in order, as often as it does. */
export const usesOf = ({ words: right }: IrInstruction): number[] => numbersIn(right);

export interface IrTarget {
  readonly block: number;
  readonly args: readonly number[];
}

const targetPattern = /\bblock(\d+)(?:\(([^)]*)\))?/g;

/** Where an instruction that ends a block leads, in the order of its text. */
export function targetsOf({ words: right }: IrInstruction): IrTarget[] {
  return Array.from(right.matchAll(targetPattern), ([, block, args]) => ({ block: Number(block), args: numbersIn(args ?? '') }));
}

export const printTarget = ({ block, args }: IrTarget): string => `block${block}${args.length === 0 ? '' : `(${args.map((value) => `v${value}`).join(', ')})`}`;

/** How often something leads to a block. */
export function edgesTo({ blocks }: EditFunction, number: number): number {
  return blocks.reduce((sum, { instructions }) => sum + instructions.reduce((more, one) => more + targetsOf(one).filter(({ block }) => block === number).length, 0), 0);
}

export function isUsed({ blocks }: EditFunction, value: number): boolean {
  return blocks.some(({ instructions }) => instructions.some((one) => usesOf(one).includes(value)));
}

// ---- changes of one function, each of which answers a new one

/** The function with each instruction as `change` makes it: one, several in its place, or none. */
export function mapInstructions(f: EditFunction, change: (one: IrInstruction, block: IrBlock) => readonly IrInstruction[]): EditFunction {
  return { ...f, blocks: f.blocks.map((block) => ({ ...block, instructions: block.instructions.flatMap((one) => change(one, block)) })) };
}

/** The function with targets as `change` makes them. */
export function mapTargets(f: EditFunction, change: (target: IrTarget) => IrTarget): EditFunction {
  return mapInstructions(f, (one) => (endsBlock(one) ? [{ ...one, words: one.words.replaceAll(targetPattern, (_, block: string, args: string | undefined) => printTarget(change({ block: Number(block), args: numbersIn(args ?? '') }))) }] : [one]));
}

/** The function with other values in the place of some, wherever they are used. */
export function withValues(f: EditFunction, by: ReadonlyMap<number, number>): EditFunction {
  if (by.size === 0) return f;
  return mapInstructions(f, (one) => [{ ...one, words: one.words.replaceAll(/\bv(\d+)\b/g, (name, number: string) => {
    const other = by.get(Number(number));
    return other === undefined ? name : `v${other}`;
  }) }]);
}

/** An instruction that defines a value as a constant of its type; `bits` as they are printed. */
export function constantFor(f: EditFunction, value: number, id: number, bits = '0'): IrInstruction {
  const type = f.types.get(value) ?? 'i32';
  return { id, results: [value], name: `${type.startsWith('f') ? 'fconst' : 'iconst'}.${type}`, words: type.startsWith('f') && bits === '0' ? '0x0' : bits };
}

/** The function with one more value of a type, which nothing defines yet. */
export function withNewValue(f: EditFunction, type: string): { readonly f: EditFunction; readonly value: number } {
  const value = Math.max(-1, ...f.types.keys()) + 1;
  return { f: { ...f, types: new Map([...f.types, [value, type]]) }, value };
}

/** The function without blocks that nothing leads to from its entry. */
export function withoutUnreachable(f: EditFunction): EditFunction {
  const [entry] = f.blocks;
  const reached = new Set<number>();
  const open = entry === undefined ? [] : [entry];
  for (let block = open.pop(); block !== undefined; block = open.pop()) {
    if (reached.has(block.number)) continue;
    reached.add(block.number);
    for (const one of block.instructions) for (const target of targetsOf(one)) open.push(...f.blocks.filter(({ number }) => number === target.block));
  }
  return reached.size === f.blocks.length ? f : { ...f, blocks: f.blocks.filter(({ number }) => reached.has(number)) };
}
