// Takes parameters and results from blocks: constants inside stand for what a block is given, and what is dropped behind it is not handed out.
// Branches to such a block then carry what nobody takes, which is valid where they do not come back.

import { type Change, maybeInstead } from '../../edit/apply.ts';
import { type Code, type Instruction, instruction, isTerminator, opcode } from '../../edit/instructions.ts';
import type { EditModule } from '../../edit/module.ts';
import { blockSignature, type Site } from '../../edit/typing.ts';
import { allSites, type ModulePass } from './pass.ts';

const drop = instruction('drop');
const drops = (count: number): Code => new Array<Instruction>(count).fill(drop);

/** A block type without parameters; undefined when the module has no name for it. */
function maybeBlockType(m: EditModule, results: readonly string[]): string | undefined {
  if (results.length < 2) return results[0] ?? '';
  const known = m.types.flat().find(({ composite }) => composite.kind === 'function' && composite.params.length === 0 && composite.results.join() === results.join());
  return known === undefined ? undefined : `$${known.id}`;
}

function withType({ row, args, body, otherwise }: Instruction, type: string, change: (arm: Code) => Code): Instruction {
  return { row, args: [type, ...args.slice(1)], body: change(body ?? []), ...(otherwise === undefined ? {} : { otherwise: change(otherwise) }) };
}

/** The number of instructions from `at` on that drop something, at most so many. */
function dropsAt(code: Code, at: number, most: number): number {
  let count = 0;
  while (count < most && code[at + count]?.row.opcode === opcode.drop) count++;
  return count;
}

const isConstant = ({ row }: Instruction): boolean => row.name.endsWith('.const') || row.opcode === opcode.refNull;

function withoutParameters(m: EditModule, { one, list, from, at, net, pushes, operands }: Site): Change[] {
  const { params, results } = blockSignature(m, String(one.args[0]));
  const type = maybeBlockType(m, results);
  const made = maybeInstead([], params);
  if (params.length === 0 || type === undefined || made?.length !== params.length) return [];
  const by = withType(one, type, (arm) => {
    const dropped = dropsAt(arm, 0, params.length);
    return [...made.slice(0, params.length - dropped), ...arm.slice(dropped)];
  });
  const condition = one.row.opcode === opcode.if ? operands.at(-1) : undefined;
  if (from !== undefined && net.length === pushes.length && (one.row.opcode !== opcode.if || condition !== undefined)) {
    return [{ kind: 'code', list, from, to: at, by: [...(condition === undefined ? [] : list.slice(condition.from, condition.to + 1)), by] }];
  }
  return one.row.opcode === opcode.if ? [] : [{ kind: 'code', list, from: at, to: at, by: [...drops(params.length), by] }];
}

function withoutResults(m: EditModule, { one, list, at }: Site): Change[] {
  const { params, results } = blockSignature(m, String(one.args[0]));
  const dropped = dropsAt(list, at + 1, results.length);
  const type = maybeBlockType(m, results.slice(0, results.length - dropped));
  if (dropped === 0 || params.length > 0 || type === undefined) return [];
  const by = withType(one, type, (arm) => {
    const last = arm.at(-1);
    if (last !== undefined && isTerminator(last)) return arm;
    let end = arm.length;
    while (arm.length - end < dropped && isConstant(arm[end - 1] ?? drop)) end--;
    return [...arm.slice(0, end), ...drops(dropped - (arm.length - end))];
  });
  return [{ kind: 'code', list, from: at, to: at + dropped, by: [by] }];
}

export const shrinkBlockTypes: ModulePass = {
  name: 'shrink-block-types',
  propose: ({ m }) => allSites(m).flatMap((site) => (site.one.body === undefined || site.one.row.immediate !== 'block' ? [] : [...withoutParameters(m, site), ...withoutResults(m, site)])),
};
