// Control instructions: blocks become nothing until somebody branches to them, loops get a header, joins get parameters for the operands
// they leave (standard, chapter 4.4.8 "Control Instructions"). Nothing here recurses; nesting is as deep as the frames' array.

import type { Block, Value } from '../base/entity.ts';
import { bug } from '../base/errors.ts';
import { trapCodes } from '../contract/traps.ts';
import {
  type BlockCall,
  appendBlock,
  createBlockCall,
  maybeFirstParameter,
  maybeNextParameter,
  setSuccessor,
  terminatorOf,
} from '../ir/function.ts';
import { frameKinds } from '../wasm/function-validator.ts';
import { meterEnd, pay } from './fuel.ts';
import type { ControlFrame, Handler, Translation } from './translation.ts';

type ControlName = 'unreachable' | 'nop' | 'block' | 'loop' | 'if' | 'else' | 'end' | 'br' | 'br_if' | 'br_table' | 'return';

export const controlHandlers: Record<ControlName, Handler> = {
  unreachable: (t) => {
    t.b.trap(trapCodes.unreachable);
    t.leave();
  },
  nop: () => {},
  block: openBlock,
  loop: openLoop,
  if: openIf,
  else: turnToElse,
  end: closeStructure,
  br: branch,
  br_if: branchIf,
  br_table: branchTable,
  return: (t) => {
    leaveFunction(t, t.validator.type.results.length);
    t.leave();
  },
};

/** In unreachable code only the nesting is followed. */
export const unreachableHandlers: Record<'block' | 'loop' | 'if' | 'else' | 'end', Handler> = {
  block: skipStructure,
  loop: skipStructure,
  if: skipStructure,
  else: (t) => {
    if (t.skipped === 0) turnToElse(t);
  },
  end: (t) => {
    if (t.skipped === 0) closeStructure(t);
    else t.skipped--;
  },
};

function skipStructure(t: Translation): void {
  t.skipped++;
}

function openBlock(t: Translation): void {
  const type = t.validator.blockType();
  t.openFrame(frameKinds.block, type, t.stack.length - type.params.length);
}

function openLoop(t: Translation): void {
  const type = t.validator.blockType();
  const count = type.params.length;
  const preheader = t.b.block;
  const frame = t.openFrame(frameKinds.loop, type, t.stack.length - count);
  const header = t.newBlock();
  frame.label = header;
  t.locals.openLoop(header, preheader);
  t.addParameters(header, type.params);
  jumpTo(t, header, count);
  t.drop(count);
  t.enter(header, false);
  pushParameters(t, header);
}

function openIf(t: Translation): void {
  const type = t.validator.blockType();
  const condition = t.pop();
  const source = t.b.block;
  const frame = t.openFrame(frameKinds.if, type, t.stack.length - type.params.length);
  frame.keptParams = t.kept.length;
  for (let i = frame.height; i < t.stack.length; i++) t.kept.push(t.stack[i] as Value);
  const then = t.newBlock();
  frame.elseBlock = t.newBlock();
  pay(t);
  t.b.brif(condition, then, [], frame.elseBlock, []);
  t.locals.follow(then, source);
  t.enter(then, true);
}

function turnToElse(t: Translation): void {
  const frame = t.top();
  const other = frame.elseBlock ?? bug('else without if', `offset ${t.operator.offset}`);
  const count = frame.type.results.length;
  if (t.reachable) jumpTo(t, labelOf(t, frame), count);
  t.stack.length = frame.height;
  for (let i = frame.keptParams; i < frame.keptParams + frame.type.params.length; i++) t.push(t.kept[i] as Value);
  t.kept.length = frame.keptParams;
  frame.elseBlock = undefined;
  frame.kind = frameKinds.else;
  t.locals.follow(other, frame.opener);
  t.enter(other, false);
  t.reachable = true;
}

function closeStructure(t: Translation): void {
  const frame = t.closeFrame();
  const count = frame.type.results.length;
  if (frame.kind === frameKinds.function) {
    if (t.reachable) reachEnd(t, count);
    return;
  }
  if (frame.kind === frameKinds.loop) {
    t.locals.closeLoop(frame.label ?? bug('loop without header'), t.reachable);
    if (!t.reachable) t.stack.length = frame.height;
    return;
  }
  if (frame.kind === frameKinds.if) skipThen(t, frame);
  const join = frame.label;
  if (join === undefined) {
    // Nobody branches here: what follows goes on in the same block, or cannot be reached.
    if (!t.reachable) t.stack.length = frame.height;
    return;
  }
  if (t.reachable) jumpTo(t, join, count);
  t.stack.length = frame.height;
  t.locals.join(join, frame.opener, frame.mark);
  t.enter(join, false);
  pushParameters(t, join);
  t.reachable = true;
}

/** An `if` without `else`: its other way leads straight to the join, with the parameters as results. */
function skipThen(t: Translation, frame: ControlFrame): void {
  const join = labelOf(t, frame);
  const inst = terminatorOf(t.f, frame.opener);
  const params = t.kept.slice(frame.keptParams);
  t.kept.length = frame.keptParams;
  setSuccessor(t.f, inst, 1, createBlockCall(t.f, join, params));
  t.locals.addEdge(join, frame.opener, inst, 1);
}

/** Where branches to a block or if go; made when the first one asks. */
function labelOf(t: Translation, frame: ControlFrame): Block {
  if (frame.label === undefined) {
    frame.label = t.newBlock();
    t.addParameters(frame.label, frame.type.results);
  }
  return frame.label;
}

/** Returns the topmost `count` operands. */
function leaveFunction(t: Translation, count: number): void {
  pay(t);
  t.b.return(t.peek(count));
}

/** The same, by the `end` that closes the function. */
function reachEnd(t: Translation, count: number): void {
  meterEnd(t);
  leaveFunction(t, count);
}

/** Ends the current block with a jump that takes the topmost `count` operands along. */
function jumpTo(t: Translation, target: Block, count: number): void {
  pay(t);
  const inst = t.b.jump(target, t.peek(count));
  t.locals.addEdge(target, t.b.block, inst, 0);
}

function pushParameters(t: Translation, block: Block): void {
  for (let p = maybeFirstParameter(t.f, block); p !== undefined; p = maybeNextParameter(t.f, p)) t.push(p);
}

/** Number of operands a branch to this structure takes along. */
function branchArity(frame: ControlFrame): number {
  return frame.kind === frameKinds.loop ? frame.type.params.length : frame.type.results.length;
}

/** Ends the current block with a branch to the structure's label. */
function branchTo(t: Translation, frame: ControlFrame): void {
  const count = branchArity(frame);
  if (frame.kind === frameKinds.function) reachEnd(t, count);
  else jumpTo(t, labelOf(t, frame), count);
}

function branch(t: Translation): void {
  branchTo(t, t.target(t.operator.index));
  t.leave();
}

function branchIf(t: Translation): void {
  const condition = t.pop();
  const frame = t.target(t.operator.index);
  const source = t.b.block;
  const next = t.newBlock();
  pay(t);
  if (frame.kind === frameKinds.function) {
    const exit = t.newBlock();
    t.b.brif(condition, exit, [], next, []);
    placeExit(t, exit, source, frame);
  } else {
    const target = labelOf(t, frame);
    const inst = t.b.brif(condition, target, t.peek(branchArity(frame)), next, []);
    t.locals.addEdge(target, source, inst, 0);
  }
  t.locals.follow(next, source);
  t.enter(next, true);
}

/** Fills `exit`, a block on the way from `source` to a label, with the branch there; it reads no locals. */
function placeExit(t: Translation, exit: Block, source: Block, frame: ControlFrame): void {
  appendBlock(t.f, exit);
  t.locals.follow(exit, source);
  t.b.block = exit;
  branchTo(t, frame);
}

/**
 * A label that stands in the table more than once gets a block of its own on the way, so that the arguments are written once,
 * not once for each entry: tables of thousands of equal targets are common.
 */
function branchTable(t: Translation): void {
  const { labels } = t.operator;
  const index = t.pop();
  const source = t.b.block;
  for (let i = 0; i < labels.length; i++) t.target(labels.at(i)).tableUses++;
  const calls: BlockCall[] = [];
  for (let i = 0; i < labels.length; i++) {
    const frame = t.target(labels.at(i));
    if (frame.kind === frameKinds.function || frame.tableUses > 1) {
      frame.tableEdge ??= t.newBlock();
      calls.push(createBlockCall(t.f, frame.tableEdge, []));
    } else calls.push(createBlockCall(t.f, labelOf(t, frame), t.peek(branchArity(frame))));
  }
  pay(t);
  const inst = t.b.brTable(index, calls);
  for (let i = 0; i < labels.length; i++) {
    const frame = t.target(labels.at(i));
    if (frame.tableUses === 0) continue;
    frame.tableUses = 0;
    if (frame.tableEdge === undefined) t.locals.addEdge(labelOf(t, frame), source, inst, i);
    else placeExit(t, frame.tableEdge, source, frame);
    frame.tableEdge = undefined;
  }
  t.leave();
}
