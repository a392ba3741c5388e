// Every direct branch of a function with blocks, loops, traps and early exits, made to lead somewhere else, one at a time, on every ISA: each is named.

import { describe, expect, test } from 'vitest';
import { type CompileOptions, CountingControl, type DecodedInstruction, type Fault, isTargetName, targetNames, targetOf } from '../../compiler/inside.ts';
import { changeCode } from '../faults/change-row.ts';
import { parseText } from '../wast/text.ts';
import { emissionFault } from './emission.ts';
import { checkRule } from './rule-check.ts';

const text = `(module (memory 1)
  (func (export "f") (param i32 i32 f64) (result i32) (local i32)
    (block $out
      (loop $again
        (br_if $out (i32.eqz (local.get 0)))
        (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
        (if (i32.lt_u (local.get 1) (local.get 3))
          (then (local.set 3 (i32.div_u (local.get 1) (local.get 0))))
          (else (if (f64.eq (local.get 2) (f64.const 1.5)) (then (local.set 3 (i32.load offset=100 (local.get 3))) (br $out)))))
        (local.set 3 (i32.add (local.get 3) (i32.const 3)))
        (br_if $again (i32.and (local.get 3) (i32.const 16)))
        (br_if $again (i32.ne (local.get 3) (local.get 1)))
        (if (i32.eq (local.get 1) (i32.const 7)) (then unreachable))
        (br $again)))
    (local.get 3)))`;

async function module(): Promise<Uint8Array> {
  const parsed = await parseText(text);
  if (parsed.kind === 'malformed') throw new Error(parsed.message);
  return parsed.bytes;
}

/** Cell of an encoded branch displacement, or -1. */
const displacementCell = ({ shape }: DecodedInstruction): number => shape.operands.find(({ kind, field }) => kind === 'block' && field !== '')?.cell ?? -1;

/** Changes one cell of the branch number `which`; answers what was changed by pushing its row. */
function changeBranch(target: string, which: number, cellOf: (branch: DecodedInstruction) => number, change: (value: number) => number, changed: string[]): Fault {
  let count = 0;
  if (!isTargetName(target)) throw new RangeError(target);
  return changeCode('branch', target, (decoded, bytes) => {
    if (displacementCell(decoded) < 0 || count++ !== which) return;
    const cell = cellOf(decoded);
    if (cell < 0) return;
    bytes.set(targetOf(target).codec.encode({ row: decoded.shape.name, cells: decoded.cells.map((value, i) => (i === cell ? change(value) : value)) }));
    changed.push(decoded.shape.name);
  });
}

const mostBranches = 100;

describe.each(targetNames)('%s', (target) => {
  test.for([
    ['eight bytes further', 8, 'guard', 'speed'],
    ['four bytes further', 4, 'explicit', 'speed'],
    ['four bytes earlier', -4, 'guard', 'none'],
  ] as const)('a branch that leads %s is named by its row', async ([, by, bounds, opt]) => {
    const bytes = await module();
    const options: CompileOptions = { target, bounds, opt };
    expect(emissionFault(bytes, options)).toBeUndefined();
    let branches = 0;
    for (; branches < mostBranches; branches++) {
      const changed: string[] = [];
      const fault = emissionFault(bytes, { ...options, faults: [changeBranch(target, branches, displacementCell, (value) => value + by, changed)] });
      if (changed.length === 0) break;
      expect(fault, `branch ${branches}`).toMatchObject({ name: changed[0] });
    }
    expect(branches).toBeGreaterThan(9);
  });

  test('a block that ends by the opposite condition is named', async () => {
    const bytes = await module();
    const options: CompileOptions = { target };
    let [found, tried] = [0, 0];
    for (let branch = 0; branch < mostBranches; branch++) {
      const changed: string[] = [];
      const conditionCell = ({ shape }: DecodedInstruction): number => shape.operands.find(({ kind }) => kind === 'condition')?.cell ?? -1;
      const fault = emissionFault(bytes, { ...options, faults: [changeBranch(target, branch, conditionCell, (value) => value ^ 1, changed)] });
      tried += changed.length;
      if (fault === undefined) continue;
      found++;
      expect(fault.name).toBe(changed[0]);
      expect(fault.text).toMatch(/at the end of block\d+ when it (does not branch|branches) leads to \d+, and block\d+ is at \d+/);
    }
    // The rest are traps and skips within an instruction, whose conditions are not looked at.
    expect(found).toBeGreaterThan(1);
    expect(found).toBeLessThanOrEqual(tried);
  });
});

test('a trap out of line that begins where the only block ends is a trap', () => {
  // Without a stack check it is the first of the traps out of line.
  const code = 'function f0() {\nblock0:\n    v0 = iconst.i32 0\n    trapz v0, integerOverflow\n    trap unreachable\n}\n';
  for (const rule of targetNames) expect(checkRule({ rule: `${rule} any`, use: '', usesMemory: true, salt: 0, text: code }, { control: new CountingControl(), faults: [], native: () => [] })).toEqual({ kind: 'same' });
});
