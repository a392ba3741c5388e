// Reads the text form that `print.ts` writes and describes. Ill-formed but readable IR is read as it stands, or the verifier could not be tested:
// wrong types, missing or surplus results of calls, undefined values and blocks, terminators in the middle all pass here.
// What storage cannot hold does not: a value or block defined twice, results that are not numbered consecutively.
// Entities keep the numbers of the text; numbers left out become removed entities.
// Method: statements are read first and stored second, because a value's type may follow from one that is defined further down.

import { type Value, asBlock, asInst, asValue } from '../base/entity.ts';
import { TextScanner } from '../base/text-scanner.ts';
import type { Signature } from '../contract/artifact.ts';
import { type MachineType, libcalls } from '../contract/libcalls.ts';
import { trapCodes } from '../contract/traps.ts';
import {
  type BlockCall,
  IrFunction,
  appendBlock,
  appendDeclaredParameter,
  appendInst,
  createBlock,
  createBlockCall,
  createInst,
  createInstDefining,
  createJumpTable,
  createList,
  declareValue,
  packMemoryFlags,
  regions,
} from './function.ts';
import { type Opcode, fcmpConditions, icmpConditions, maybeOpcode, op, rowOf } from './opcodes.ts';
import { type Type, f32, i32, typeBytes, typeCodes } from './types.ts';

export interface ParsedFunction {
  /** The name after `function`. */
  readonly name: string;
  readonly f: IrFunction;
}

/** The only function of a text. Throws `TextError`. */
export function parseFunction(text: string): IrFunction {
  const scanner = new TextScanner(text);
  scanner.skipLines();
  const { f } = parseNextFunction(scanner);
  if (!scanner.atEnd()) scanner.fail(`expected end of text, found ${scanner.found()}`);
  return f;
}

/** All functions of a text, in order. Throws `TextError`. */
export function parseFunctions(text: string): ParsedFunction[] {
  const scanner = new TextScanner(text);
  const functions: ParsedFunction[] = [];
  while (!scanner.atEnd()) functions.push(parseNextFunction(scanner));
  return functions;
}

/** The function at the scanner's position. `f` and a number as name gives the function's index, any other name index 0. */
export function parseNextFunction(scanner: TextScanner): ParsedFunction {
  scanner.skipLines();
  scanner.expect('function');
  const name = scanner.word('the function’s name');
  const signature = parseSignature(scanner);
  scanner.expect('{');
  scanner.expectLineEnd();
  const draft = new Draft(scanner);
  while (!scanner.take('}')) draft.parseLine();
  const index = /^f(?:0|[1-9][0-9]{0,8})$/.test(name) ? Number(name.slice(1)) : 0;
  return { name, f: draft.store(index, signature) };
}

function parseSignature(scanner: TextScanner): Signature {
  const params: MachineType[] = [];
  const results: MachineType[] = [];
  scanner.expect('(');
  if (!scanner.take(')')) {
    do params.push(parseTypeName(scanner));
    while (scanner.take(','));
    scanner.expect(')');
  }
  if (scanner.take('->')) {
    do results.push(parseTypeName(scanner));
    while (scanner.take(','));
  }
  return { params, results };
}

function parseTypeName(scanner: TextScanner): MachineType {
  scanner.skipBlanks();
  const start = scanner.position;
  const word = scanner.word('a type');
  return Object.hasOwn(typeCodes, word) ? (word as MachineType) : scanner.fail(`unknown type '${word}'`, start);
}

/** An instruction as read. Its type is known from its text, from its callee, or is that of the value `sameAs`. */
interface Statement {
  readonly opcode: Opcode;
  readonly type: Type | 0;
  readonly block: number;
  readonly results: readonly number[];
  readonly position: number;
  operands: number[];
  targets: { readonly block: number; readonly args: readonly number[] }[];
  detail: number;
  immediate: bigint;
  origin: number;
}

interface ValueDraft {
  type: Type | 0;
  /** The value whose type this one has, or -1. */
  sameAs: number;
}

class Draft {
  private readonly scanner: TextScanner;
  private readonly limit: number;
  private readonly signatures: Signature[] = [];
  private readonly functions: number[] = [];
  private readonly layout: { readonly block: number; readonly parameters: number[] }[] = [];
  private readonly statements: Statement[] = [];
  private readonly values = new Map<number, ValueDraft>();
  private readonly blocks = new Set<number>();
  private lastValue = -1;
  private lastBlock = -1;

  constructor(scanner: TextScanner) {
    this.scanner = scanner;
    // Storage is as long as the largest number, so numbers stay within what an honest text of this length could need.
    this.limit = Math.max(65536, scanner.text.length);
  }

  parseLine(): void {
    const scanner = this.scanner;
    const start = scanner.position;
    const block = scanner.maybeEntity('block');
    if (block !== undefined) {
      scanner.position = start;
      this.parseBlockHeader();
    } else {
      const signature = scanner.maybeEntity('sig');
      const callee = signature === undefined ? scanner.maybeEntity('fn') : undefined;
      if (signature !== undefined || callee !== undefined) {
        scanner.position = start;
        this.parseDeclaration();
      } else this.parseInstruction();
    }
    scanner.expectLineEnd();
  }

  private parseDeclaration(): void {
    const scanner = this.scanner;
    const callee = scanner.maybeEntity('fn');
    if (callee === undefined) {
      const number = scanner.entity('sig', this.limit);
      scanner.expect('=');
      while (this.signatures.length < number) this.signatures.push({ params: [], results: [] });
      this.signatures[number] = parseSignature(scanner);
      return;
    }
    if (callee >= this.limit) scanner.fail(`fn${callee} is too large a number for this text`);
    scanner.expect('=');
    while (this.functions.length < callee) this.functions.push(-1);
    this.functions[callee] = scanner.entity('sig', this.limit);
  }

  private parseBlockHeader(): void {
    const scanner = this.scanner;
    const start = scanner.position;
    const block = this.blockNumber();
    if (this.blocks.has(block)) scanner.fail(`block${block} is defined twice`, start);
    this.blocks.add(block);
    const parameters: number[] = [];
    if (scanner.take('(')) {
      do {
        const value = this.definedValue();
        scanner.expect(':');
        this.values.set(value, { type: typeCodes[parseTypeName(scanner)], sameAs: -1 });
        parameters.push(value);
      } while (scanner.take(','));
      scanner.expect(')');
    }
    scanner.expect(':');
    this.layout.push({ block, parameters });
  }

  private parseInstruction(): void {
    const scanner = this.scanner;
    const position = scanner.position;
    const results: number[] = [];
    if (scanner.maybeEntity('v') !== undefined) {
      scanner.position = position;
      do {
        const value = this.definedValue();
        if (results.length > 0 && value !== (results[0] as number) + results.length) scanner.fail('results must be numbered consecutively', position);
        this.values.set(value, { type: 0, sameAs: -1 });
        results.push(value);
      } while (scanner.take(','));
      scanner.expect('=');
    }
    scanner.skipBlanks();
    const start = scanner.position;
    const name = scanner.word('an opcode');
    const opcode = maybeOpcode(name) ?? scanner.fail(`unknown opcode '${name}'`, start);
    const type = scanner.take('.') ? typeCodes[parseTypeName(scanner)] : 0;
    const row = rowOf(opcode);
    const block = this.layout.at(-1)?.block ?? scanner.fail('instruction before the first block', position);
    if (row.result === 'control' && type === 0) scanner.fail(`${name} needs a type after a dot`, start);
    if (row.result === 'none' ? results.length !== 0 : row.result !== 'callee' && results.length !== 1)
      scanner.fail(`${name} has ${row.result === 'none' ? 'no result' : 'one result'}`, position);
    const statement: Statement = { opcode, type, block, results, position, operands: [], targets: [], detail: 0, immediate: 0n, origin: -1 };
    this.parseOperands(statement);
    if (scanner.take('@')) statement.origin = Number(scanner.integer('an origin', 0n, 0x7fffffffn));
    this.typeResults(statement);
    this.statements.push(statement);
  }

  /** Says what is known of the results' types. */
  private typeResults(s: Statement): void {
    const row = rowOf(s.opcode);
    const signature = row.result === 'callee' ? this.calleeOf(s) : undefined;
    s.results.forEach((result, number) => {
      const draft = this.values.get(result);
      if (draft === undefined) return;
      if (row.result === 'control') draft.type = s.type;
      else if (row.result === 'i32') draft.type = i32;
      else if (row.result === 'same') draft.sameAs = s.operands[row.format === 'ternary' ? 1 : 0] ?? -1;
      else {
        const type = signature?.results[number];
        draft.type = type === undefined ? i32 : typeCodes[type];
      }
    });
  }

  private calleeOf(s: Statement): Signature | undefined {
    const number = Number(s.immediate);
    switch (rowOf(s.opcode).format) {
      case 'call':
        return this.signatures[this.functions[number] ?? -1];
      case 'call_indirect':
        return this.signatures[number];
      default:
        return Object.values(libcalls)[number];
    }
  }

  private parseOperands(s: Statement): void {
    const scanner = this.scanner;
    switch (rowOf(s.opcode).format) {
      case 'nullary':
        return;
      case 'iconst':
      case 'fconst':
        s.immediate =
          s.type !== 0 && typeBytes(s.type) === 4
            ? BigInt.asIntN(32, scanner.integer('a constant', -(2n ** 31n), 2n ** 32n - 1n))
            : BigInt.asIntN(64, scanner.integer('a constant', -(2n ** 63n), 2n ** 64n - 1n));
        return;
      case 'unary':
        this.parseUses(s, 1);
        return;
      case 'binary':
        this.parseUses(s, 2);
        return;
      case 'ternary':
        this.parseUses(s, 3);
        return;
      case 'icmp':
        s.detail = this.parseCondition(icmpConditions);
        this.parseUses(s, 2);
        return;
      case 'fcmp':
        s.detail = this.parseCondition(fcmpConditions);
        this.parseUses(s, 2);
        return;
      case 'load':
        s.detail = this.parseFlags();
        this.parseAddress(s);
        return;
      case 'store':
        s.detail = this.parseFlags();
        s.operands.push(this.value());
        scanner.expect(',');
        this.parseAddress(s);
        return;
      case 'call':
        s.immediate = BigInt(scanner.entity('fn', this.limit));
        this.parseList(s);
        return;
      case 'call_indirect':
        s.immediate = BigInt(scanner.entity('sig', this.limit));
        while (scanner.take(',')) s.operands.push(this.value());
        this.parseList(s);
        return;
      case 'libcall':
        s.immediate = this.parseLibcall();
        this.parseList(s);
        return;
      case 'return':
        if (!scanner.looksAt('v')) return;
        do s.operands.push(this.value());
        while (scanner.take(','));
        return;
      case 'jump':
        this.parseTarget(s);
        return;
      case 'brif':
        s.operands.push(this.value());
        scanner.expect(',');
        this.parseTarget(s);
        scanner.expect(',');
        this.parseTarget(s);
        return;
      case 'br_table':
        s.operands.push(this.value());
        scanner.expect(',');
        scanner.expect('[');
        if (!scanner.take(']')) {
          do this.parseTarget(s);
          while (scanner.take(','));
          scanner.expect(']');
        }
        if (scanner.take(',')) this.parseTarget(s);
        return;
      case 'trap':
        s.immediate = this.parseTrap();
        return;
      case 'trap_if':
        s.operands.push(this.value());
        scanner.expect(',');
        s.immediate = this.parseTrap();
        return;
    }
  }

  private parseUses(s: Statement, count: number): void {
    for (let i = 0; i < count; i++) {
      if (i > 0) this.scanner.expect(',');
      s.operands.push(this.value());
    }
  }

  private parseList(s: Statement): void {
    this.scanner.expect('(');
    if (this.scanner.take(')')) return;
    do s.operands.push(this.value());
    while (this.scanner.take(','));
    this.scanner.expect(')');
  }

  private parseTarget(s: Statement): void {
    const block = this.blockNumber();
    const args: number[] = [];
    if (this.scanner.take('(')) {
      do args.push(this.value());
      while (this.scanner.take(','));
      this.scanner.expect(')');
    }
    s.targets.push({ block, args });
  }

  private parseAddress(s: Statement): void {
    s.operands.push(this.value());
    if (this.scanner.take('+')) s.immediate = this.scanner.integer('an offset', 0n, 0x7fffffffn);
    else if (this.scanner.looksAt('-')) s.immediate = this.scanner.integer('an offset', -0x80000000n, -1n);
  }

  private parseFlags(): number {
    const scanner = this.scanner;
    scanner.skipBlanks();
    const start = scanner.position;
    const region = scanner.word('a memory region');
    if (region === 'flags') {
      scanner.expect('=');
      return Number(scanner.integer('memory flags', 0n, 0xffffn));
    }
    if (!Object.hasOwn(regions, region)) scanner.fail(`unknown memory region '${region}'`, start);
    const readonly = scanner.take('readonly');
    const trap = scanner.take('trap=') ? Number(this.parseTrap()) : 0;
    return packMemoryFlags({ region: region as keyof typeof regions, readonly, trap: trap & 31 });
  }

  private parseCondition(names: Readonly<Record<string, number>>): number {
    const scanner = this.scanner;
    scanner.skipBlanks();
    const start = scanner.position;
    const word = scanner.word('a condition');
    if (word === 'condition' && scanner.take('=')) return Number(scanner.integer('a condition', 0n, 0xffffn));
    return Object.hasOwn(names, word) ? (names[word] as number) : scanner.fail(`unknown condition '${word}'`, start);
  }

  private parseTrap(): bigint {
    const scanner = this.scanner;
    const number = scanner.maybeInteger();
    if (number !== undefined) return BigInt.asIntN(32, number);
    scanner.skipBlanks();
    const start = scanner.position;
    const word = scanner.word('a trap code');
    return Object.hasOwn(trapCodes, word) ? BigInt(trapCodes[word as keyof typeof trapCodes]) : scanner.fail(`unknown trap code '${word}'`, start);
  }

  private parseLibcall(): bigint {
    const scanner = this.scanner;
    const number = scanner.maybeInteger();
    if (number !== undefined) return BigInt.asIntN(32, number);
    scanner.skipBlanks();
    const start = scanner.position;
    const word = scanner.word('a library call');
    return Object.hasOwn(libcalls, word) ? BigInt(libcalls[word as keyof typeof libcalls].number) : scanner.fail(`unknown library call '${word}'`, start);
  }

  private value(): number {
    const value = this.scanner.entity('v', this.limit);
    this.lastValue = Math.max(this.lastValue, value);
    return value;
  }
  private definedValue(): number {
    this.scanner.skipBlanks();
    const start = this.scanner.position;
    const value = this.value();
    if (this.values.has(value)) this.scanner.fail(`v${value} is defined twice`, start);
    return value;
  }
  private blockNumber(): number {
    const block = this.scanner.entity('block', this.limit);
    this.lastBlock = Math.max(this.lastBlock, block);
    return block;
  }

  /** The type of a value, found by following `sameAs`; i32 for a value without definition or defined in a circle. */
  private typeOfValue(value: number): Type {
    let at = value;
    for (let steps = 0; steps <= this.values.size; steps++) {
      const draft = this.values.get(at);
      if (draft === undefined) return i32;
      if (draft.type !== 0) return draft.type;
      at = draft.sameAs;
    }
    return i32;
  }

  store(index: number, signature: Signature): IrFunction {
    const f = new IrFunction(index, signature, this.signatures, this.functions);
    for (let b = 0; b <= this.lastBlock; b++) createBlock(f);
    for (const { block } of this.layout) appendBlock(f, asBlock(block));
    const holder = asInst(this.statements.length);
    for (let v = 0; v <= this.lastValue; v++) declareValue(f, this.typeOfValue(v), holder);
    for (const { block, parameters } of this.layout) for (const value of parameters) appendDeclaredParameter(f, asBlock(block), asValue(value));
    for (const s of this.statements) this.storeStatement(f, s);
    // Values that nothing defines belong to an instruction outside the layout, like those of removed instructions.
    if (this.values.size <= this.lastValue) createInst(f, op.stack_check, 0, 0, -1, -1, -1, 0, -1);
    return f;
  }

  private storeStatement(f: IrFunction, s: Statement): void {
    const operands = s.operands.map((v) => asValue(v));
    const calls = s.targets.map(({ block, args }) => createBlockCall(f, asBlock(block), args.map((v): Value => asValue(v))));
    let [a = -1, b = -1, c = -1]: number[] = operands;
    let immediate = Number(BigInt.asIntN(32, s.immediate));
    switch (rowOf(s.opcode).format) {
      case 'iconst':
      case 'fconst':
        if (s.type !== i32 && s.type !== f32) immediate = f.wide.push(s.immediate);
        break;
      case 'call':
      case 'call_indirect':
      case 'libcall':
      case 'return':
        a = createList(f, operands);
        b = operands.length;
        c = -1;
        break;
      case 'jump':
        a = calls[0] as BlockCall;
        break;
      case 'brif':
        b = calls[0] as BlockCall;
        c = calls[1] as BlockCall;
        break;
      case 'br_table':
        b = createJumpTable(f, calls);
        break;
      default:
        break;
    }
    const first = asValue(s.results[0] ?? -1);
    const inst = createInstDefining(f, s.opcode, s.type, s.detail, a, b, c, immediate, s.origin, first, s.results.length);
    appendInst(f, asBlock(s.block), inst);
  }
}
