// What costs a runner its life costs a campaign one verdict, on every ISA: the next module is judged as if nothing had been. A runner that ends or makes no
// sense is a finding; one that does not answer in time says nothing, so its verdict is that nothing can be compared.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { threadRunner, whyNoRunner } from '../../compiler/index.ts';
import { type Specimens, targetNames, targetOf } from '../../compiler/inside.ts';
import { runnerBase } from '../oracles/engine-name.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { runnerEngine } from '../oracles/engines/runner-engines.ts';
import { parseText } from '../wast/text.ts';
import { examine, type Lab } from './examine.ts';
import { runCampaign } from './supervise.ts';
import { emptyTally } from './tally.ts';

/** Milliseconds: what an endless loop costs. */
const timeout = 300;

const module = await parseText(`(func (export "f") (param i32 i32) (result i32)
  (if (i32.lt_u (local.get 0) (local.get 1)) (then (return (i32.mul (local.get 0) (local.get 1)))))
  (i32.sub (i32.rotl (local.get 0) (i32.const 7)) (local.get 1)))`);
const bytes = module.kind === 'bytes' ? module.bytes : new Uint8Array();

/** Code to put in the place of the function's, and what comes of it; without any, the runner is killed. */
const mishaps: Readonly<Record<string, readonly [verdict: 'disagree' | 'incomparable', specimen: keyof Specimens | undefined]>> = {
  'a wild jump': ['disagree', 'wildJump'],
  'a wild access': ['disagree', 'wildAccess'],
  'an endless loop': ['incomparable', 'endlessLoop'],
  'a stack that overflows': ['disagree', 'stackOverflow'],
  'a spoiled control page': ['disagree', 'spoiledControlPage'],
  'SIGKILL': ['disagree', undefined],
};

describe.each(targetNames)('%s', (target) => {
  const name = runnerBase(target);
  it.for(Object.entries(mishaps))('%s costs one verdict', async ([, [verdict, specimen]], { skip }) => {
    const reason = whyNoRunner(target);
    skip(reason !== undefined, reason);
    let armed = false;
    const { assembleLines, specimens } = targetOf(target);
    const broken = specimen === undefined ? new Uint8Array() : assembleLines(specimens[specimen], 0);
    const engine = runnerEngine(name, target, {
      faults: [{
        kind: 'transformer',
        name: 'mishap',
        stage: 'emit',
        transform: (level) => {
          if (!armed || level.level !== 'code') return level;
          level.bytes.set(broken);
          return level;
        },
      }],
    }, timeout);
    const lab: Lab = {
      engines: [await openEngine('interp'), engine],
      occasional: [],
      askWabt: undefined,
      onEngine: (index) => {
        if (armed && specimen === undefined && index === 1) process.kill(threadRunner(target, timeout).pid, 'SIGKILL');
      },
    };
    const tally = emptyTally();
    const examined = () => examine(lab, bytes, 1, tally, undefined);
    expect(examined()).toMatchObject({ verdict: 'agree', finding: undefined });
    armed = true;
    const { finding, ...met } = examined();
    expect(met.verdict).toBe(verdict);
    if (verdict === 'disagree') expect(finding).toMatchObject({ kind: 'crash', odd: name });
    else expect(finding).toBeUndefined();
    armed = false;
    expect(examined()).toMatchObject({ verdict: 'agree', finding: undefined });
    expect(tally.engines[name]).toEqual({ executions: 3, agree: 2, disagree: 0, incomparable: 0, [verdict]: 1 });
  });
});

it('a campaign goes on after endless loops, as long as its plan says each', async ({ skip }) => {
  const reason = whyNoRunner('x86-64');
  skip(reason !== undefined, reason);
  const crashes = mkdtempSync(join(tmpdir(), 'assay-lost-runners-'));
  try {
    const { tally, deaths, findings } = await runCampaign({
      targets: ['modules'], engines: ['interp', 'x86-64-isolated'], occasional: [], fault: 'code-loops', seed: 7, seconds: 600, workers: 1, maxModules: 24,
      crashes, hangSeconds: 20, shrinkSeconds: 0, wabtEvery: 0, neighbourEvery: 0, runnerTimeout: 100,
    }, () => undefined);
    expect(deaths).toEqual({});
    expect(findings).toEqual([]);
    const { executions = 0, agree = 0, incomparable = 0 } = tally.engines['x86-64-isolated'] ?? {};
    expect(executions).toBe(24);
    expect(incomparable).toBeGreaterThan(1);
    expect(agree).toBe(24 - incomparable);
    expect(agree).toBeGreaterThan(8);
  } finally {
    rmSync(crashes, { recursive: true, force: true });
  }
});
