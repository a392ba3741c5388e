// Machine code touches memory as the IR says, no more and no less, whatever it does with what it reads. No code runs: decoders that share nothing with our
// encoders (native-access.ts) say how wide each access really is and which way it goes, and that is held against the loads and stores of the IR from
// which the function was selected, which the oracle `accesses` holds against the standard.
//
//   what can trap     each has a place in the trap table. For each function, direction and width: as many in the code as in the IR, with the same trap
//                     codes; each store at the wasm instruction it stems from. A load may have been merged into the instruction that uses it, and
//                     then has that one's place. An operation on memory is a load and a store.
//   what cannot       stores: as many in the code as in the IR, at their wasm instructions. Loads: no more in the code than in the IR, since those that
//                     nobody needs are left out; of what never changes any number, since it may be read anew for each use.
//
// Passed over by name: the frame (spills, saved registers, stack arguments), which the oracle `emission` holds against the allocation; constants behind the
// code; fields of the instance of 8 bytes, which calls and the stack check read too; and entries of jump tables, no more than there are br_tables
// tables. Code of the runtime, which does bulk operations and growth, and trampolines are no functions of the module.
// Which register holds the frame is asked of our own decoder: it decides what is looked at, not how wide it is.

import { compile } from '../../../compiler/index.ts';
import {
  accessBytes, accessType, asInst, bases, computeCfg, defaultTarget, type Fault, instCount, isReachable, type IrFunction, type Level, maybeBlockOf, memoryCells, memoryFlagsOf, op, opcodeOf, originOf, rowOf, type StageName, stageNames, type Target,
} from '../../../compiler/inside.ts';
import { AddressSums } from '../address-sum.ts';
import { type AccessReaders, type NativeAccess, openAccessReaders, type ReadAccesses } from '../native-access.ts';
import { originsOf } from '../origins.ts';
import { type Configuration, configurationAt } from './configurations.ts';
import type { CompilationOracle, CompilationVerdict } from './oracle.ts';

type Way = 'load' | 'store';

/** Counts of accesses that are alike, by a text that says how. */
class Counts {
  private readonly byText = new Map<string, number>();

  add(text: string, by = 1): void {
    this.byText.set(text, (this.byText.get(text) ?? 0) + by);
  }

  /** Takes one away; false where there is none. */
  take(text: string): boolean {
    const left = this.byText.get(text) ?? 0;
    if (left === 0) return false;
    this.byText.set(text, left - 1);
    return true;
  }

  /** Takes one of those whose text begins like this; false where there is none. */
  takeAny(start: string): boolean {
    for (const [text, left] of this.byText) if (left > 0 && text.startsWith(start)) return this.take(text);
    return false;
  }

  /** One that is left; undefined when none is. */
  maybeLeft(): string | undefined {
    for (const [text, left] of this.byText) if (left > 0) return text;
    return undefined;
  }
}

/** What the IR says of one function. */
interface Wanted {
  /** By way, width, trap code and origin. */
  readonly trapping: Counts;
  /** By way, width and origin; loads of what may change only by way and width. */
  readonly plain: Counts;
  /** Widths of loads of what never changes. */
  readonly repeatable: Set<number>;
}

const line = (way: Way, width: number, ...more: readonly number[]): string => `${[way, width, ...more].join(' ')} `;

function wantedOf(f: IrFunction): Wanted {
  const wanted: Wanted = { trapping: new Counts(), plain: new Counts(), repeatable: new Set() };
  const cfg = computeCfg(f);
  for (let number = 0; number < instCount(f); number++) {
    const inst = asInst(number);
    const block = maybeBlockOf(f, inst);
    if (block === undefined || !isReachable(cfg, block)) continue;
    const opcode = opcodeOf(f, inst);
    if (opcode === op.br_table) wanted.plain.add(line('load', jumpTableEntry));
    const { effect } = rowOf(opcode);
    if (effect !== 'load' && effect !== 'store') continue;
    const width = accessBytes(opcode, accessType(f, inst));
    const { readonly, trap } = memoryFlagsOf(f, inst);
    if (trap !== 0) wanted.trapping.add(line(effect, width, trap, originOf(f, inst)));
    else if (effect === 'store') wanted.plain.add(line(effect, width, originOf(f, inst)));
    else if (readonly) wanted.repeatable.add(width);
    else wanted.plain.add(line(effect, width));
  }
  return wanted;
}

const jumpTableEntry = 4;
const fieldOfInstance = 8;

/** One function's code, and what tells about its places. */
interface Code {
  readonly target: Target;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly frameBytes: number;
}

/** Where traps and other instructions stem from. */
interface Places {
  readonly traps: ReadonlyMap<number, readonly { readonly code: number; readonly origin: number }[]>;
  originAt(pc: number): number;
}

/** Where the address of an access lies, as far as that can be told from registers. */
type Region = 'frame' | 'instance' | 'other';

function regionsOf({ target, bytes, frameBytes }: Code): Map<number, Region> {
  const regions = new Map<number, Region>();
  const sums = new AddressSums(target, frameBytes);
  const { stackPointer, framePointer, vmctx } = target.fixedRegisters;
  for (let at = 0; at < bytes.length; ) {
    const decoded = target.maybeDecode(bytes, at);
    if (decoded === undefined) break;
    const { shape: { memoryCell }, cells } = decoded;
    const base = memoryCell < 0 ? bases.none : (cells[memoryCell + memoryCells.base] ?? bases.none);
    const terms = sums.addressOf(decoded)?.terms ?? [];
    const isAt = (register: number): boolean => base === register || terms.includes(`x${register}<<0`);
    regions.set(at, isAt(stackPointer) || isAt(framePointer) ? 'frame' : isAt(vmctx) ? 'instance' : 'other');
    sums.step(decoded);
    at += decoded.length;
  }
  return regions;
}

/** What is wrong with a function's accesses; undefined when nothing is. */
function faultOf(code: Code, wanted: Wanted, read: ReadAccesses, { traps, originAt }: Places): { readonly name: string; readonly text: string } | undefined {
  const accesses = read(code.bytes);
  if (accesses === undefined) return { name: 'code', text: 'another decoder finds bytes that are no instruction' };
  const regions = regionsOf(code);
  const merged: { readonly access: NativeAccess; readonly start: string }[] = [];
  const tooMuch = (way: Way, access: NativeAccess): { readonly name: string; readonly text: string } =>
    ({ name: `${way} ${access.width}`, text: `${access.text}, at ${access.at}, is a ${way} of ${access.width} bytes that the IR does not ask for` });
  for (const access of accesses) {
    const region = regions.get(access.at);
    const places = traps.get(code.start + access.at) ?? [];
    if (places.length === 0 && (access.pcRelative || region === 'frame')) continue;
    const [place] = places;
    const origin = place?.origin ?? originAt(code.start + access.at);
    const { width } = access;
    if (access.writes && !(place === undefined ? wanted.plain.take(line('store', width, origin)) : wanted.trapping.take(line('store', width, place.code, origin)))) return tooMuch('store', access);
    if (!access.reads) continue;
    if (place !== undefined) {
      if (!wanted.trapping.take(line('load', width, place.code, origin))) merged.push({ access, start: line('load', width, place.code) });
    } else if (!wanted.repeatable.has(width) && !(region === 'instance' && width === fieldOfInstance) && !wanted.plain.take(line('load', width))) return tooMuch('load', access);
  }
  for (const { access, start } of merged) if (!wanted.trapping.takeAny(start)) return tooMuch('load', access);
  const left = wanted.trapping.maybeLeft();
  if (left !== undefined) return missing(left);
  for (let store = wanted.plain.maybeLeft(); store !== undefined; store = wanted.plain.maybeLeft()) {
    if (store.startsWith('store')) return missing(store);
    wanted.plain.take(store);
  }
  return undefined;
}

function missing(text: string): { readonly name: string; readonly text: string } {
  const [way = '', width = ''] = text.split(' ');
  return { name: `${way} ${width}`, text: `a ${way} of ${width} bytes that the IR asks for is not in the code (${text.trim()}: way, width, trap code if any, wasm offset)` };
}

/** The last stage whose work is IR. */
const lastOfIr = (opt: 'none' | 'speed' | undefined): StageName | undefined => (opt === 'none' ? 'translate' : stageNames[stageNames.indexOf('select') - 1]);

/** Compiles a module and looks at each function; answers the first fault. What the compiler throws passes through. */
export function machineAccessFault(module: Uint8Array, { options }: Configuration, faults: readonly Fault[], readers: AccessReaders): { readonly name: string; readonly text: string } | 'refused' | 'unread' | undefined {
  const read = readers[options.target ?? defaultTarget];
  if (read === undefined) return 'unread';
  const functions: { readonly index: number; readonly code: Code; readonly wanted: Wanted }[] = [];
  const last = lastOfIr(options.opt);
  let wanted: Wanted | undefined;
  const result = compile(module, {
    ...options,
    faults,
    inspect: (stage: StageName, index: number, level: Level) => {
      if (level.level === 'ir' && stage === last) wanted = wantedOf(level.f);
      if (level.level !== 'code' || wanted === undefined) return;
      const { target, emitted: { start, codeEnd, frameBytes } } = level;
      functions.push({ index, wanted, code: { target, bytes: level.bytes.subarray(0, codeEnd - start), start, frameBytes: frameBytes - target.frameOverhead } });
    },
  });
  if (!result.ok) return 'refused';
  const places = placesOf(result.artifact);
  for (const { index, code, wanted: asked } of functions) {
    const fault = faultOf(code, asked, read, places);
    if (fault !== undefined) return { name: fault.name, text: `function ${index}: ${fault.text}` };
  }
  return undefined;
}

function placesOf({ traps, origins }: { readonly traps: { readonly pc: Int32Array; readonly code: Uint8Array; readonly origin: Int32Array }; readonly origins: { readonly pc: Int32Array; readonly origin: Int32Array } }): Places {
  const byPc = new Map<number, { readonly code: number; readonly origin: number }[]>();
  traps.pc.forEach((pc, i) => {
    const list = byPc.get(pc) ?? [];
    list.push({ code: traps.code[i] ?? 0, origin: traps.origin[i] ?? -1 });
    byPc.set(pc, list);
  });
  return { traps: byPc, originAt: originsOf({ origins }) };
}

let opened: Promise<AccessReaders> | undefined;

async function ask(module: Uint8Array, turn: number, faults: readonly Fault[]): Promise<CompilationVerdict> {
  const configuration = configurationAt(turn);
  const readers = await (opened ??= openAccessReaders());
  try {
    const fault = machineAccessFault(module, configuration, faults, readers);
    if (fault === 'refused') return { verdict: 'incomparable', reason: 'the compiler refuses the module' };
    if (fault === 'unread') return { verdict: 'incomparable', reason: `no reader of accesses for ${configuration.options.target ?? defaultTarget}` };
    return fault === undefined ? { verdict: 'agree' } : { verdict: 'disagree', culprit: configuration.name, fingerprint: fault.name, detail: fault.text };
  } catch {
    return { verdict: 'incomparable', reason: 'the compiler threw' };
  }
}

export const machineAccesses: CompilationOracle = { name: 'machine-accesses', summary: 'machine code touches memory as the IR says, by foreign decoders', every: 128, ask };
