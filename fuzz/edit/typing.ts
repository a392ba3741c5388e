// What each instruction of a body pops and pushes, and which instructions make each of its operands.
//
// Method: the validation algorithm's operand stack, each entry with the place where the code that makes it begins. Code between two operands that leaves
// the stack alone counts as part of the later one. So the code that ends in an instruction and makes its operands, its *range*, is contiguous, and may be
// replaced as a whole by other code that pushes the same types, its *net*.
// The module is taken for valid. Code behind a terminator of its sequence is dead: it gets no sites.

import { type Code, type Instruction, instruction, isTerminator, opcode, rowNamed } from './instructions.ts';
import { type EditModule, type FunctionEntity, type FunctionSignature, functionOf, maybeType, signatureOf } from './module.ts';

/** A range of a sequence: from, to (inclusive). */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** One instruction in its place. */
export interface Site {
  readonly one: Instruction;
  readonly list: Code;
  readonly at: number;
  /** Types popped, deepest first. */
  readonly pops: readonly string[];
  readonly pushes: readonly string[];
  /** Where the code that makes the operands begins; undefined when some come from outside the sequence. */
  readonly from: number | undefined;
  /** Types that the range from `from` to `at` pushes in all. */
  readonly net: readonly string[];
  /** The range that makes each operand, where it makes nothing else. */
  readonly operands: readonly (Range | undefined)[];
  /** Code between the operands that leaves the stack alone. */
  readonly between: readonly Range[];
  /** Labels around it, itself not counted; the outermost is the function's. */
  readonly depth: number;
  /** Result types of the labels around it, innermost first: what a branch there takes. */
  readonly labels: readonly (readonly string[])[];
  /** Whether it stands last in a sequence that control leaves by it. */
  readonly ends: boolean;
  /** Types on the stack of this sequence before the instruction. */
  readonly stack: readonly string[];
}

interface Entry {
  readonly type: string;
  /** Begin of the code that makes it, -1 when that is outside of the sequence. */
  readonly from: number;
  /** Place of the instruction that makes it. */
  readonly made: number;
  /** Height of the stack before `from`. */
  readonly base: number;
}

const letters: Readonly<Record<string, string>> = { i: 'i32', I: 'i64', f: 'f32', F: 'f64', v: 'v128' };

/** Types that are of numbers. */
export const isNumeric = (type: string): boolean => type === 'i32' || type === 'i64' || type === 'f32' || type === 'f64' || type === 'v128';

export const isNullable = (type: string): boolean => !isNumeric(type) && !(type.startsWith('(ref ') && !type.startsWith('(ref null '));

/** The heap type of a reference type. */
export function heapOf(type: string): string {
  const long = /^\(ref (?:null )?(\S+)\)$/.exec(type);
  if (long?.[1] !== undefined) return long[1];
  if (type === 'nullref') return 'none';
  return type.startsWith('null') ? `no${type.slice(4, -3)}` : type.slice(0, -3);
}

export function referenceTo(heap: string, nullable: boolean): string {
  if (!nullable) return `(ref ${heap})`;
  if (heap.startsWith('$')) return `(ref null ${heap})`;
  return heap === 'none' ? 'nullref' : heap.startsWith('no') ? `null${heap.slice(2)}ref` : `${heap}ref`;
}

/** The reference without null. */
const nonNull = (type: string): string => `(ref ${heapOf(type)})`;

/** Parameters and results of a block type. */
export function blockSignature(m: EditModule, type: string): FunctionSignature {
  if (type === '') return { params: [], results: [] };
  return type.startsWith('$') ? signatureOf(m, Number(type.slice(1))) : { params: [], results: [type] };
}

const addressOf = (m: EditModule, memory: number): string => (m.memories.find(({ id }) => id === memory)?.limits.wide === true ? 'i64' : 'i32');

export interface Effect {
  readonly pops: readonly string[];
  readonly pushes: readonly string[];
}

const unpacked = (type: string): string => (type === 'i8' || type === 'i16' ? 'i32' : type);

/** Types of everything around code: the module, the locals by index, and what is on top of the stack. */
export interface Surroundings {
  readonly m: EditModule;
  readonly locals: readonly string[];
  readonly results: readonly string[];
  /** Innermost first. */
  readonly labels: readonly (readonly string[])[];
  /** The type `above` places below the top. */
  readonly peek: (above: number) => string;
}

/** What an instruction pops and pushes in its surroundings. */
export function effectOf({ row, args }: Instruction, { m, locals, results, labels, peek }: Surroundings): Effect {
  const [first = 0, second = 0] = args;
  if (row.operands !== undefined) {
    const memory = row.immediate === 'memory' ? Number(first) : row.immediate === 'memarg' || row.immediate === 'memargLane' ? Number(args[2]) : 0;
    const list = (text: string): string[] => [...text].map((letter) => (letter === 'a' ? addressOf(m, memory) : (letters[letter] ?? letter)));
    return { pops: list(row.operands), pushes: list(row.results) };
  }
  const label = (depth: number): readonly string[] => labels[depth] ?? [];
  const tableOf = (id: number): { element: string; address: string } => {
    const table = m.tables.find((one) => one.id === id);
    return { element: table?.element ?? 'funcref', address: table?.limits.wide === true ? 'i64' : 'i32' };
  };
  const fields = (id: number): readonly { readonly type: string }[] => {
    const composite = maybeType(m, id)?.composite;
    return composite?.kind === 'struct' ? composite.fields : composite?.kind === 'array' ? [composite.element] : [];
  };
  const field = (id: number, place: number): string => unpacked(fields(id)[place]?.type ?? 'i32');
  const nullable = (id: number): string => `(ref null $${id})`;
  const tail = (pops: readonly string[]): Effect => ({ pops, pushes: [] });
  switch (row.name) {
    case 'unreachable': case 'else': case 'end': return tail([]);
    case 'block': case 'loop': case 'try_table': {
      const { params, results: pushes } = blockSignature(m, String(first));
      return { pops: params, pushes };
    }
    case 'if': {
      const { params, results: pushes } = blockSignature(m, String(first));
      return { pops: [...params, 'i32'], pushes };
    }
    case 'throw': return tail(signatureOf(m, m.tags.find(({ id }) => id === first)?.type ?? -1).params);
    case 'throw_ref': return tail(['exnref']);
    case 'br': return tail(label(Number(first)));
    case 'br_if': return { pops: [...label(Number(first)), 'i32'], pushes: label(Number(first)) };
    case 'br_table': return tail([...label(Number(args.at(-1))), 'i32']);
    case 'return': return tail(results);
    case 'call': {
      const { params, results: pushes } = signatureOf(m, functionOf(m, Number(first)).type);
      return { pops: params, pushes };
    }
    case 'return_call': return tail(signatureOf(m, functionOf(m, Number(first)).type).params);
    case 'call_indirect': case 'return_call_indirect': {
      const { params, results: pushes } = signatureOf(m, Number(first));
      return { pops: [...params, tableOf(Number(second)).address], pushes: row.opcode === opcode.callIndirect ? pushes : [] };
    }
    case 'call_ref': case 'return_call_ref': {
      const { params, results: pushes } = signatureOf(m, Number(first));
      return { pops: [...params, nullable(Number(first))], pushes: row.opcode === opcode.callRef ? pushes : [] };
    }
    case 'drop': return tail([peek(0)]);
    case 'select': {
      const type = row.opcode === opcode.selectTypes ? String(first) : peek(1);
      return { pops: [type, type, 'i32'], pushes: [type] };
    }
    case 'local.get': return { pops: [], pushes: [locals[Number(first)] ?? 'i32'] };
    case 'local.set': return tail([locals[Number(first)] ?? 'i32']);
    case 'local.tee': return { pops: [locals[Number(first)] ?? 'i32'], pushes: [locals[Number(first)] ?? 'i32'] };
    case 'global.get': return { pops: [], pushes: [m.globals.find(({ id }) => id === first)?.type ?? 'i32'] };
    case 'global.set': return tail([m.globals.find(({ id }) => id === first)?.type ?? 'i32']);
    case 'table.get': return { pops: [tableOf(Number(first)).address], pushes: [tableOf(Number(first)).element] };
    case 'table.set': return tail([tableOf(Number(first)).address, tableOf(Number(first)).element]);
    case 'table.size': return { pops: [], pushes: [tableOf(Number(first)).address] };
    case 'table.grow': return { pops: [tableOf(Number(first)).element, tableOf(Number(first)).address], pushes: [tableOf(Number(first)).address] };
    case 'table.fill': return tail([tableOf(Number(first)).address, tableOf(Number(first)).element, tableOf(Number(first)).address]);
    case 'table.init': return tail([tableOf(Number(second)).address, 'i32', 'i32']);
    case 'table.copy': {
      const [to, from] = [tableOf(Number(first)).address, tableOf(Number(second)).address];
      return tail([to, from, to === 'i64' && from === 'i64' ? 'i64' : 'i32']);
    }
    case 'memory.init': return tail([addressOf(m, Number(second)), 'i32', 'i32']);
    case 'memory.fill': return tail([addressOf(m, Number(first)), 'i32', addressOf(m, Number(first))]);
    case 'memory.copy': {
      const [to, from] = [addressOf(m, Number(first)), addressOf(m, Number(second))];
      return tail([to, from, to === 'i64' && from === 'i64' ? 'i64' : 'i32']);
    }
    case 'data.drop': case 'elem.drop': return tail([]);
    case 'ref.null': return { pops: [], pushes: [referenceTo(String(first), true)] };
    case 'ref.is_null': return { pops: [peek(0)], pushes: ['i32'] };
    case 'ref.func': return { pops: [], pushes: [`(ref $${functionOf(m, Number(first)).type})`] };
    case 'ref.eq': return { pops: ['eqref', 'eqref'], pushes: ['i32'] };
    case 'ref.as_non_null': return { pops: [peek(0)], pushes: [nonNull(peek(0))] };
    case 'br_on_null': return { pops: [...label(Number(first)), peek(0)], pushes: [...label(Number(first)), nonNull(peek(0))] };
    case 'br_on_non_null': return { pops: [...label(Number(first)).slice(0, -1), peek(0)], pushes: label(Number(first)).slice(0, -1) };
    case 'br_on_cast': case 'br_on_cast_fail': {
      const flags = Number(first);
      const [from, to] = [referenceTo(String(args[2]), (flags & 1) !== 0), referenceTo(String(args[3]), (flags & 2) !== 0)];
      // What is left when a cast to a nullable type fails is not null.
      const rest = (flags & 2) !== 0 ? `(ref ${String(args[2])})` : from;
      const below = label(Number(second)).slice(0, -1);
      return { pops: [...below, from], pushes: [...below, row.name === 'br_on_cast' ? rest : to] };
    }
    case 'ref.test': case 'ref.test null': return { pops: [peek(0)], pushes: ['i32'] };
    case 'ref.cast': return { pops: [peek(0)], pushes: [`(ref ${String(first)})`] };
    case 'ref.cast null': return { pops: [peek(0)], pushes: [referenceTo(String(first), true)] };
    case 'struct.new': return { pops: fields(Number(first)).map(({ type }) => unpacked(type)), pushes: [`(ref $${first})`] };
    case 'struct.new_default': return { pops: [], pushes: [`(ref $${first})`] };
    case 'struct.get': case 'struct.get_s': case 'struct.get_u': return { pops: [nullable(Number(first))], pushes: [field(Number(first), Number(second))] };
    case 'struct.set': return tail([nullable(Number(first)), field(Number(first), Number(second))]);
    case 'array.new': return { pops: [field(Number(first), 0), 'i32'], pushes: [`(ref $${first})`] };
    case 'array.new_default': return { pops: ['i32'], pushes: [`(ref $${first})`] };
    case 'array.new_fixed': return { pops: new Array<string>(Number(second)).fill(field(Number(first), 0)), pushes: [`(ref $${first})`] };
    case 'array.new_data': case 'array.new_elem': return { pops: ['i32', 'i32'], pushes: [`(ref $${first})`] };
    case 'array.get': case 'array.get_s': case 'array.get_u': return { pops: [nullable(Number(first)), 'i32'], pushes: [field(Number(first), 0)] };
    case 'array.set': return tail([nullable(Number(first)), 'i32', field(Number(first), 0)]);
    case 'array.len': return { pops: ['arrayref'], pushes: ['i32'] };
    case 'array.fill': return tail([nullable(Number(first)), 'i32', field(Number(first), 0), 'i32']);
    case 'array.copy': return tail([nullable(Number(first)), 'i32', nullable(Number(second)), 'i32', 'i32']);
    case 'array.init_data': case 'array.init_elem': return tail([nullable(Number(first)), 'i32', 'i32', 'i32']);
    case 'any.convert_extern': return { pops: [peek(0)], pushes: [isNullable(peek(0)) ? 'anyref' : '(ref any)'] };
    case 'extern.convert_any': return { pops: [peek(0)], pushes: [isNullable(peek(0)) ? 'externref' : '(ref extern)'] };
    case 'ref.i31': return { pops: ['i32'], pushes: ['(ref i31)'] };
    case 'i31.get_s': case 'i31.get_u': return { pops: ['i31ref'], pushes: ['i32'] };
    default: throw new Error(`edit: no effect is known of ${row.name}`);
  }
}

/** All live sites of a function, each sequence from its begin, inner sequences behind the instruction that holds them. */
export function sitesOf(m: EditModule, one: FunctionEntity): Site[] {
  const { params, results } = signatureOf(m, one.type);
  const locals = [...params, ...one.locals];
  const sites: Site[] = [];
  const walk = (list: Code, begin: readonly string[], labels: readonly (readonly string[])[]): void => {
    const stack: Entry[] = begin.map((type, height) => ({ type, from: -1, made: -1, base: height }));
    for (let at = 0; at < list.length; at++) {
      const here = list[at];
      if (here === undefined) break;
      const { pops, pushes } = effectOf(here, { m, locals, results, labels, peek: (above) => stack.at(-1 - above)?.type ?? 'i32' });
      const floor = stack.length - pops.length;
      const before = stack.map(({ type }) => type);
      const taken = stack.splice(Math.max(0, floor));
      const lowest = taken.reduce((least, { from }) => Math.min(least, from), at);
      const base = taken.reduce((least, entry) => Math.min(least, entry.base), floor);
      const operands = taken.map((entry, place): Range | undefined => {
        const next = taken[place + 1];
        const to = (next?.from ?? at) - 1;
        const isAlone = entry.from >= 0 && entry.base === floor + place && (next === undefined || next.base === floor + place + 1);
        return isAlone && to >= entry.from ? { from: entry.from, to } : undefined;
      });
      const between = taken.flatMap(({ made }, place): Range[] => {
        const to = Math.max(made, (taken[place + 1]?.from ?? at) - 1);
        return made >= 0 && to > made ? [{ from: made + 1, to }] : [];
      });
      const ends = isTerminator(here);
      const kept = before.slice(base, Math.max(0, floor));
      sites.push({ one: here, list, at, pops, pushes, from: lowest < 0 ? undefined : lowest, net: [...kept, ...pushes], operands, between, depth: labels.length, labels, ends, stack: before });
      if (here.body !== undefined) {
        const signature = blockSignature(m, String(here.args[0]));
        const inner = [here.row.opcode === opcode.loop ? signature.params : signature.results, ...labels];
        walk(here.body, signature.params, inner);
        if (here.otherwise !== undefined) walk(here.otherwise, signature.params, inner);
      }
      if (ends) return;
      for (const type of pushes) stack.push({ type, from: lowest, made: at, base });
    }
  };
  walk(one.body, [], [results]);
  return sites;
}

const refNull = rowNamed('ref.null');
const constants = {
  i32: instruction('i32.const', 0), i64: instruction('i64.const', 0n), f32: instruction('f32.const', 0), f64: instruction('f64.const', 0n),
  v128: instruction('v128.const', ...new Array<number>(16).fill(0)),
} as const;

/** The plainest code that pushes a value of the type; undefined when there is none without context. */
export function maybeDefault(type: string): Instruction | undefined {
  switch (type) {
    case 'i32': return constants.i32;
    case 'i64': return constants.i64;
    case 'f32': return constants.f32;
    case 'f64': return constants.f64;
    case 'v128': return constants.v128;
    default: return isNullable(type) ? { row: refNull, args: [heapOf(type)] } : undefined;
  }
}
