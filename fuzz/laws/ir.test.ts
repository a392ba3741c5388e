// Laws of the SSA IR over functions translated from generated modules: verified, printer and parser inverse, dominators as path removal defines them.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile } from '../../compiler/index.ts';
import { asBlock, type Cfg, computeCfg, computeDominators, dominates, type IrFunction, parseFunction, printFaults, printFunction, verifyFunction } from '../../compiler/inside.ts';
import { arbitrary } from '../generate/arbitrary.ts';
import { generateModule } from '../generate/module.ts';

const parameters = { seed: 21, numRuns: 150 };

/** The functions of a module as IR, after the mid-end or as translated. */
function irOf(bytes: Uint8Array, opt: 'none' | 'speed'): readonly IrFunction[] {
  const result = compile(bytes, { until: 'ir', keepIr: true, opt });
  if (!result.ok) throw new Error(`${result.fault.kind}: ${result.fault.message}`);
  return result.ir;
}

function everyFunction(check: (f: IrFunction) => void): void {
  for (const opt of ['none', 'speed'] as const) {
    fc.assert(fc.property(arbitrary(generateModule), (bytes) => {
      for (const f of irOf(bytes, opt)) check(f);
    }), parameters);
  }
}

test('every function verifies, before and after the mid-end', () => {
  everyFunction((f) => expect(printFaults(verifyFunction(f))).toBe(''));
});

test('printing is a fixed point of parsing', () => {
  everyFunction((f) => {
    const text = printFunction(f);
    expect(printFunction(parseFunction(text))).toBe(text);
  });
});

/** Blocks reachable from the entry when one block is taken out. */
function reachableWithout(cfg: Cfg, removed: number): Set<number> {
  const entry = cfg.postorder[cfg.postorder.length - 1] ?? 0;
  const successors = new Map<number, number[]>();
  for (const target of cfg.postorder) {
    for (let edge = cfg.edgeStart[target] ?? 0; edge < (cfg.edgeStart[target + 1] ?? 0); edge++) {
      const source = cfg.edgeSource[edge] ?? 0;
      successors.set(source, [...(successors.get(source) ?? []), target]);
    }
  }
  const seen = new Set<number>();
  const open = entry === removed ? [] : [entry];
  for (let block = open.pop(); block !== undefined; block = open.pop()) {
    if (seen.has(block)) continue;
    seen.add(block);
    for (const next of successors.get(block) ?? []) if (next !== removed) open.push(next);
  }
  return seen;
}

test('a dominates b exactly if b cannot be reached without a', () => {
  let checked = 0;
  fc.assert(fc.property(arbitrary(generateModule), (bytes) => {
    for (const f of irOf(bytes, 'none')) {
      const cfg = computeCfg(f);
      if (cfg.postorder.length > 60) continue;
      const tree = computeDominators(cfg);
      for (const a of cfg.postorder) {
        const reachable = reachableWithout(cfg, a);
        for (const b of cfg.postorder) {
          checked++;
          expect(dominates(tree, asBlock(a), asBlock(b))).toBe(!reachable.has(b));
        }
      }
    }
  }), { seed: 22, numRuns: 60 });
  expect(checked).toBeGreaterThan(5000);
});
