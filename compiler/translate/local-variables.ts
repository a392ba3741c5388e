// Turns wasm's mutable locals into SSA values while the body is being translated.
// Leaves: every use of a local is a value that dominates it; a block has a parameter for a local only where different values meet and
//         somebody reads the local behind (pruned), and none whose arguments are all the same (minimal, since wasm's control flow is reducible).
// Method: Braun, Buchwald, Hack, Leißa, Mallon, Zwinkau: "Simple and Efficient Construction of Static Single Assignment Form" (CC 2013), with
//         three changes. Lookups are a loop, not a recursion. Branch arguments are written once, by `finish`, when it is known which
//         parameters stay. And control structures say which locals they cannot have changed:
//
//         Each assignment gets a number, and each local remembers the numbers of its own. A join of a structure opened at number s and closed
//         at number e need not ask its predecessors for a local without an assignment in (s, e]: every path from the opening to the join runs
//         through the structure's own text, so the local has the value it had where the structure was opened. The same holds for a loop's
//         header once the loop is closed. So a block's `parent` is the block to ask when the interval holds no assignment. And since text
//         between two blocks of such a chain is contiguous, a block also knows one `jump` far up the chain, to be taken when nothing
//         between was assigned; jumps are placed as in a skew-binary list, so that n parents are passed in log n steps.
//
// Cost:   a lookup takes a number of steps that is logarithmic in the blocks, but for blocks in whose text the local was assigned;
//         an operand is computed once per parameter and edge. What a hostile body can still demand, a product of edges and locals,
//         is counted by `size`, for the translator to limit.

import { type Block, type Inst, type Value, asBlock, asInst, asValue } from '../base/entity.ts';
import { bug } from '../base/errors.ts';
import { Int32Column } from '../base/growable.ts';
import { newInt32s } from '../base/storage.ts';
import {
  type IrFunction,
  appendParameter,
  argumentAt,
  createBlockCall,
  dropAliasedParameters,
  isAlias,
  replaceValue,
  resolve,
  setSuccessor,
  successorAt,
  valueCount,
  valueNumberOf,
} from '../ir/function.ts';
import type { Type } from '../ir/types.ts';
import type { ValueType } from '../wasm/module.ts';
import { DefinitionTable } from './definition-table.ts';
import { irTypeOf } from './prepare.ts';

const none = -1;
const noOperands = -1;
const shortPath = 4;

/** What is known of a block's predecessors. */
const blockStates = {
  entry: 0,
  /** Nothing to meet: ask the parent. */
  followsParent: 1,
  /** All edges are known. */
  sealed: 2,
  /** A loop's header while the loop's body is being translated: more edges may come. */
  open: 3,
} as const;

export class LocalVariables {
  private f: IrFunction;
  /** Value type of each local; the caller's array. */
  private types: Uint8Array = new Uint8Array(0);
  private block: Block = asBlock(0);

  // Per block. `since` and `until` bound the assignments that matter to its parent rule.
  private readonly state = new Int32Column();
  private readonly parent = new Int32Column();
  private readonly since = new Int32Column();
  private readonly until = new Int32Column();
  /** Number of the last assignment when the block was left. */
  private readonly end = new Int32Column();
  // A block's place in the chain of jumps: steps to its root, the block jumped to (itself for a root), and the assignments that forbid it:
  // those after the target's end, up to and including number `jumpUntil`. `outer`: after a loop, the block before the loop, else `parent`.
  private readonly depth = new Int32Column();
  private readonly jump = new Int32Column();
  private readonly jumpUntil = new Int32Column();
  private readonly outer = new Int32Column();
  private readonly outerUntil = new Int32Column();
  private readonly firstEdge = new Int32Column();
  private readonly lastEdge = new Int32Column();
  private readonly firstPhi = new Int32Column();
  private readonly lastPhi = new Int32Column();

  // Per edge: branch, which of its block calls, the block it stands in, next edge of the same target.
  private readonly edgeInst = new Int32Column();
  private readonly edgeNumber = new Int32Column();
  private readonly edgeSource = new Int32Column();
  private readonly nextEdge = new Int32Column();

  // Per block parameter ("phi"): its block, the local or `none` for an operand-stack value, the value, the first of its operands (one per
  // edge, in the order of the edges), next phi of the block.
  private readonly phiBlock = new Int32Column();
  private readonly phiLocal = new Int32Column();
  private readonly phiValue = new Int32Column();
  private readonly phiOperands = new Int32Column();
  private readonly nextPhi = new Int32Column();
  private readonly operands = new Int32Column();

  private readonly blockColumns = [this.state, this.parent, this.since, this.until, this.end, this.depth, this.jump, this.jumpUntil, this.outer, this.outerUntil];

  private readonly definitions = new DefinitionTable();
  /** Numbers of each local's assignments, ascending. */
  private readonly history: (number[] | undefined)[] = [];
  private readonly assigned: number[] = [];
  private assignments = 0;

  /** The value of each local in the current stretch of blocks, where `cacheEpoch` is the current epoch. */
  private readonly cacheValue = new Int32Column();
  private readonly cacheEpoch = new Int32Column();
  private epoch = 0;

  private readonly path: Block[] = [];
  private readonly pending: number[] = [];
  /** Zero of each type, in the entry block. */
  private readonly zeros: (Value | undefined)[] = [];
  private makeZero: (type: Type) => Value = () => bug('no entry block yet');

  constructor(f: IrFunction) {
    this.f = f;
  }

  /** Starts on a function whose first locals are `params`; `makeZero` places a constant in the entry block. */
  begin(f: IrFunction, entry: Block, types: Uint8Array, localCount: number, params: readonly Value[], makeZero: (type: Type) => Value): void {
    this.f = f;
    this.types = types;
    this.makeZero = makeZero;
    for (const column of this.blockColumns) column.clear();
    for (const column of [this.firstEdge, this.lastEdge, this.firstPhi, this.lastPhi]) column.clear();
    for (const column of [this.edgeInst, this.edgeNumber, this.edgeSource, this.nextEdge, this.operands]) column.clear();
    for (const column of [this.phiBlock, this.phiLocal, this.phiValue, this.phiOperands, this.nextPhi]) column.clear();
    this.definitions.reset();
    for (const local of this.assigned) this.history[local] = undefined;
    this.assigned.length = 0;
    this.assignments = 0;
    this.zeros.fill(undefined);
    if (this.cacheEpoch.length < localCount) {
      const missing = localCount - this.cacheEpoch.length;
      this.cacheEpoch.extend(missing, none);
      this.cacheValue.extend(missing, none);
    }
    this.block = entry;
    this.epoch++;
    this.setState(entry, blockStates.entry, entry, 0, 0);
    this.makeRoot(entry);
    for (let i = 0; i < params.length; i++) this.definitions.set(entry, i, params[i] as Value);
  }

  /** Number of the last assignment; a control structure keeps it from where it was opened. */
  get mark(): number {
    return this.assignments;
  }

  // ---- blocks

  /** Moves to `block`. `follows`: its only predecessor is the block just left. */
  enter(block: Block, follows: boolean): void {
    this.end.set(this.block, this.assignments);
    this.block = block;
    if (!follows) this.epoch++;
  }

  private setState(block: Block, state: number, parent: Block, since: number, until: number): void {
    const missing = block + 1 - this.state.length;
    if (missing > 0) {
      for (const column of this.blockColumns) column.extend(missing, none);
    }
    this.state.set(block, state);
    this.parent.set(block, parent);
    this.since.set(block, since);
    this.until.set(block, until);
    this.reserveLists(block);
  }

  /** `block` begins a chain of jumps: nothing beyond it may be believed yet, or there is nothing. */
  private makeRoot(block: Block): void {
    this.outer.set(block, block);
    this.depth.set(block, 0);
    this.jump.set(block, block);
    this.jumpUntil.set(block, 0);
  }
  /** `block` hangs below `outer`: a local without assignments between the end of `outer` and number `until` has its value there. */
  private hang(block: Block, outer: Block, until: number): void {
    const { depth, jump, jumpUntil } = this;
    const next = jump.at(outer);
    const afterNext = jump.at(next);
    this.outer.set(block, outer);
    this.outerUntil.set(block, until);
    depth.set(block, depth.at(outer) + 1);
    const isFar = next !== outer && depth.at(outer) - depth.at(next) === depth.at(next) - depth.at(afterNext);
    if (isFar) {
      jump.set(block, afterNext);
      jumpUntil.set(block, Math.max(until, this.endOf(outer), jumpUntil.at(outer), this.endOf(next), jumpUntil.at(next)));
    } else {
      jump.set(block, outer);
      jumpUntil.set(block, until);
    }
  }
  private endOf(block: number): number {
    return block === this.block ? this.assignments : this.end.at(block);
  }

  private reserveLists(block: Block): void {
    const missing = block + 1 - this.firstEdge.length;
    if (missing <= 0) return;
    for (const column of [this.firstEdge, this.lastEdge, this.firstPhi, this.lastPhi]) column.extend(missing, none);
  }

  /** `block` has the one predecessor `parent`. */
  follow(block: Block, parent: Block): void {
    this.setState(block, blockStates.followsParent, parent, 0, 0);
    this.hang(block, parent, 0);
  }

  /** All edges to `block` are known; it ends a structure opened in `opener` when `since` was the mark. */
  join(block: Block, opener: Block, since: number): void {
    const edge = this.firstEdge.at(block);
    if (edge !== none && this.nextEdge.at(edge) === none) this.follow(block, asBlock(this.edgeSource.at(edge)));
    else {
      this.setState(block, blockStates.sealed, opener, since, this.assignments);
      this.hang(block, opener, this.assignments);
    }
  }

  /** `header` begins a loop; `preheader` jumps to it. */
  openLoop(header: Block, preheader: Block): void {
    this.setState(header, blockStates.open, preheader, this.assignments, 0);
    this.makeRoot(header);
  }

  /** The loop's text is complete, so all its back edges are known. `goesOn`: the current block leaves the loop at its end. */
  closeLoop(header: Block, goesOn: boolean): void {
    const preheader = asBlock(this.parent.at(header));
    this.state.set(header, blockStates.sealed);
    this.until.set(header, this.assignments);
    this.hang(header, preheader, this.assignments);
    // The current block has no successors yet, so its place in the chain may still change.
    if (goesOn && this.block !== header) this.hang(this.block, preheader, this.assignments);
    for (let phi = this.firstPhi.at(header); phi !== none; phi = this.nextPhi.at(phi)) {
      const local = this.phiLocal.at(phi);
      if (local === none) continue;
      if (this.isAssigned(local, this.since.at(header), this.assignments)) this.pending.push(phi);
      else replaceValue(this.f, asValue(this.phiValue.at(phi)), this.lookUp(local, preheader));
    }
    this.completePending();
  }

  /** Block call `number` of `inst`, the terminator of `source`, goes to `target`. */
  addEdge(target: Block, source: Block, inst: Inst, number: number): void {
    this.reserveLists(target);
    const edge = this.edgeInst.push(inst);
    this.edgeNumber.push(number);
    this.edgeSource.push(source);
    this.nextEdge.push(none);
    const last = this.lastEdge.at(target);
    if (last === none) this.firstEdge.set(target, edge);
    else this.nextEdge.set(last, edge);
    this.lastEdge.set(target, edge);
  }

  /** Gives `block` a parameter for a value of the operand stack; every edge must bring an argument. */
  addStackParameter(block: Block, type: Type): Value {
    const value = appendParameter(this.f, block, type);
    this.addPhi(block, none, value);
    return value;
  }

  private addPhi(block: Block, local: number, value: Value): number {
    this.reserveLists(block);
    const phi = this.phiBlock.push(block);
    this.phiLocal.push(local);
    this.phiValue.push(value);
    this.phiOperands.push(noOperands);
    this.nextPhi.push(none);
    const last = this.lastPhi.at(block);
    if (last === none) this.firstPhi.set(block, phi);
    else this.nextPhi.set(last, phi);
    this.lastPhi.set(block, phi);
    return phi;
  }

  // ---- locals

  /** Gives a local a new value from here on. */
  assign(local: number, value: Value): void {
    const number = ++this.assignments;
    const history = this.history[local];
    if (history === undefined) {
      this.history[local] = [number];
      this.assigned.push(local);
    } else history.push(number);
    this.definitions.set(this.block, local, value);
    this.cacheValue.set(local, value);
    this.cacheEpoch.set(local, this.epoch);
  }

  /** The value of a local here. */
  read(local: number): Value {
    if (this.cacheEpoch.at(local) === this.epoch) return resolve(this.f, asValue(this.cacheValue.at(local)));
    const value = this.lookUp(local, this.block);
    this.completePending();
    this.cacheValue.set(local, value);
    this.cacheEpoch.set(local, this.epoch);
    return resolve(this.f, value);
  }

  /** Values and arguments that the locals have cost so far, beyond one for each use. */
  get size(): number {
    return this.operands.length + this.definitions.size;
  }

  /** Is there an assignment to `local` numbered in (since, until]? */
  private isAssigned(local: number, since: number, until: number): boolean {
    const history = this.history[local];
    if (history === undefined) return false;
    let low = 0;
    let high = history.length;
    if ((history[high - 1] as number) <= since) return false;
    // Find the first assignment after `since`.
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((history[middle] as number) <= since) low = middle + 1;
      else high = middle;
    }
    return (history[low] as number) <= until;
  }

  /** The value of `local` at the end of `start`; parameters it makes wait in `pending` for their operands. */
  private lookUp(local: number, start: Block): Value {
    const { path } = this;
    path.length = 0;
    let block = start;
    let value = this.definitions.maybeGet(block, local);
    while (value === undefined) {
      path.push(block);
      const state = this.state.at(block);
      if (state === blockStates.entry) {
        value = this.zeroOf(local);
        this.definitions.set(block, local, value);
      } else if (state === blockStates.open || this.meetsAt(block, state, local)) {
        value = appendParameter(this.f, block, this.typeOf(local));
        const phi = this.addPhi(block, local, value);
        if (state === blockStates.sealed) this.pending.push(phi);
        this.definitions.set(block, local, value);
      } else {
        block = this.stepFrom(block, local);
        value = this.definitions.maybeGet(block, local);
      }
    }
    // Short ways are as quickly walked again as looked up.
    if (path.length > shortPath) for (let i = 0; i < path.length; i++) this.definitions.set(path[i] as Block, local, value);
    return value;
  }

  /** Do different values of the local perhaps meet at this block's beginning? */
  private meetsAt(block: Block, state: number, local: number): boolean {
    return state === blockStates.sealed && this.isAssigned(local, this.since.at(block), this.until.at(block));
  }

  /** The farthest block that is known to end with the value that the local has at the beginning of `block`. */
  private stepFrom(block: Block, local: number): Block {
    const far = this.jump.at(block);
    if (far !== block && !this.isAssigned(local, this.end.at(far), this.jumpUntil.at(block))) return asBlock(far);
    const outer = this.outer.at(block);
    if (outer !== block && !this.isAssigned(local, this.end.at(outer), this.outerUntil.at(block))) return asBlock(outer);
    return asBlock(this.parent.at(block));
  }

  private typeOf(local: number): Type {
    return irTypeOf(this.types[local] as ValueType);
  }
  private zeroOf(local: number): Value {
    const type = this.typeOf(local);
    return (this.zeros[type] ??= this.makeZero(type));
  }

  /** Finds the operands of parameters made by lookups; each may make more. */
  private completePending(): void {
    for (let phi = this.pending.pop(); phi !== undefined; phi = this.pending.pop()) {
      const local = this.phiLocal.at(phi);
      const block = this.phiBlock.at(phi);
      const start = this.operands.length;
      for (let edge = this.firstEdge.at(block); edge !== none; edge = this.nextEdge.at(edge))
        this.operands.push(this.lookUp(local, asBlock(this.edgeSource.at(edge))));
      this.phiOperands.set(phi, start);
      const same = this.onlyOperand(phi);
      if (same !== undefined) replaceValue(this.f, asValue(this.phiValue.at(phi)), same);
    }
  }

  // ---- the end

  /** Operand of a phi for the edge that is `place`th of its block. */
  private operandOf(phi: number, edge: number, place: number): Value {
    const start = this.phiOperands.at(phi);
    if (start !== noOperands) return resolve(this.f, asValue(this.operands.at(start + place)));
    const call = successorAt(this.f, asInst(this.edgeInst.at(edge)), this.edgeNumber.at(edge));
    return argumentAt(this.f, call, valueNumberOf(this.f, asValue(this.phiValue.at(phi))));
  }

  /** The one value a phi can have, if all its operands are that value or itself. */
  private onlyOperand(phi: number): Value | undefined {
    const self = this.phiValue.at(phi);
    let same: Value | undefined;
    let place = 0;
    for (let edge = this.firstEdge.at(this.phiBlock.at(phi)); edge !== none; edge = this.nextEdge.at(edge)) {
      const operand = this.operandOf(phi, edge, place++);
      if (operand === same || operand === self) continue;
      if (same !== undefined) return undefined;
      same = operand;
    }
    return same;
  }

  /** Removes parameters that always have one value, and writes the arguments of the others into the branches. */
  finish(): void {
    if (this.phiValue.length === 0) return;
    this.removeTrivial();
    for (let block = 0; block < this.firstPhi.length; block++) if (this.firstPhi.at(block) !== none) this.writeArguments(asBlock(block));
  }

  private isLive(phi: number): boolean {
    return !isAlias(this.f, asValue(this.phiValue.at(phi)));
  }

  /** Work list over phis; when one becomes an alias of a value, those that use it are looked at again. */
  private removeTrivial(): void {
    const count = this.phiValue.length;
    const users = this.collectUsers();
    const queue: number[] = [];
    for (let phi = count - 1; phi >= 0; phi--) if (this.isLive(phi)) queue.push(phi);
    for (let phi = queue.pop(); phi !== undefined; phi = queue.pop()) {
      if (!this.isLive(phi)) continue;
      const same = this.onlyOperand(phi);
      if (same === undefined) continue;
      replaceValue(this.f, asValue(this.phiValue.at(phi)), same);
      users.visit(phi, queue);
      users.moveTo(phi, same);
    }
  }

  private collectUsers(): PhiUsers {
    const count = this.phiValue.length;
    const users = new PhiUsers(valueCount(this.f), count);
    for (let phi = 0; phi < count; phi++) if (this.isLive(phi)) users.addPhi(phi, asValue(this.phiValue.at(phi)));
    for (let phi = 0; phi < count; phi++) {
      if (!this.isLive(phi)) continue;
      let place = 0;
      for (let edge = this.firstEdge.at(this.phiBlock.at(phi)); edge !== none; edge = this.nextEdge.at(edge))
        users.addUse(this.operandOf(phi, edge, place++), phi);
    }
    return users;
  }

  private writeArguments(block: Block): void {
    let changed = false;
    for (let phi = this.firstPhi.at(block); phi !== none; phi = this.nextPhi.at(phi))
      changed ||= this.phiOperands.at(phi) !== noOperands ? this.isLive(phi) : !this.isLive(phi);
    if (changed) {
      const args: Value[] = [];
      let place = 0;
      for (let edge = this.firstEdge.at(block); edge !== none; edge = this.nextEdge.at(edge)) {
        args.length = 0;
        for (let phi = this.firstPhi.at(block); phi !== none; phi = this.nextPhi.at(phi))
          if (this.isLive(phi)) args.push(this.operandOf(phi, edge, place));
        place++;
        setSuccessor(this.f, asInst(this.edgeInst.at(edge)), this.edgeNumber.at(edge), createBlockCall(this.f, block, args));
      }
    }
    dropAliasedParameters(this.f, block);
  }
}

/** Which phis have which phi as an operand, as linked lists that can be joined. */
class PhiUsers {
  private readonly phiOfValue: Int32Array;
  private readonly first: Int32Array;
  private readonly last: Int32Array;
  private readonly user = new Int32Column();
  private readonly next = new Int32Column();
  constructor(values: number, phis: number) {
    this.phiOfValue = newInt32s(values).fill(none);
    this.first = newInt32s(phis).fill(none);
    this.last = newInt32s(phis).fill(none);
  }
  addPhi(phi: number, value: Value): void {
    this.phiOfValue[value] = phi;
  }
  addUse(operand: Value, user: number): void {
    const phi = this.phiOfValue[operand] as number;
    if (phi === none || phi === user) return;
    const node = this.user.push(user);
    this.next.push(none);
    const last = this.last[phi] as number;
    if (last === none) this.first[phi] = node;
    else this.next.set(last, node);
    this.last[phi] = node;
  }
  /** Queues every user of `phi`. */
  visit(phi: number, queue: number[]): void {
    for (let node = this.first[phi] as number; node !== none; node = this.next.at(node)) queue.push(this.user.at(node));
  }
  /** `phi` has become `value`: its users are now users of that, if it is a phi too. */
  moveTo(phi: number, value: Value): void {
    const target = this.phiOfValue[value] as number;
    const first = this.first[phi] as number;
    if (target === none || first === none) return;
    const last = this.last[target] as number;
    if (last === none) this.first[target] = first;
    else this.next.set(last, first);
    this.last[target] = this.last[phi] as number;
  }
}
