// What costs a runner its life costs a campaign one verdict: the finding is made, and the next module is judged as if nothing had been.

import { expect, it } from 'vitest';
import { threadRunner, whyNoRunner } from '../../compiler/index.ts';
import { targetOf, zoneAddress } from '../../compiler/inside.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { runnerEngine } from '../oracles/engines/runner-engines.ts';
import { parseText } from '../wast/text.ts';
import { examine, type Lab } from './examine.ts';
import { emptyTally } from './tally.ts';

const target = 'x86-64';
const reason = whyNoRunner(target);
const address = `0x${zoneAddress.toString(16)}`;

const module = await parseText(`(func (export "f") (param i32 i32) (result i32)
  (if (i32.lt_u (local.get 0) (local.get 1)) (then (return (i32.mul (local.get 0) (local.get 1)))))
  (i32.sub (i32.rotl (local.get 0) (i32.const 7)) (local.get 1)))`);
const bytes = module.kind === 'bytes' ? module.bytes : new Uint8Array();

const mishaps: readonly { readonly name: string; readonly code?: readonly string[]; readonly kills?: true }[] = [
  { name: 'SIGKILL', kills: true },
  { name: 'a wild jump', code: ['movabs rax, 0x1234', 'jmp rax'] },
  { name: 'a wild access', code: ['movabs rax, 0x1234', 'mov eax, dword ptr [rax]'] },
  { name: 'a spoiled control page', code: [`movabs rax, ${address}`, 'mov dword ptr [rax], 77', 'ud2'] },
];

it.for(mishaps)('$name costs one verdict', async ({ code, kills }, { skip }) => {
  skip(reason !== undefined, reason);
  let armed = false;
  const broken = targetOf(target).assembleLines(code ?? [], 0);
  const engine = runnerEngine('x86-64-isolated', target, {
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
  });
  const lab: Lab = {
    engines: [await openEngine('interp'), engine],
    occasional: [],
    askWabt: undefined,
    onEngine: (index) => {
      if (armed && kills === true && index === 1) process.kill(threadRunner(target).pid, 'SIGKILL');
    },
  };
  const tally = emptyTally();
  const examined = () => examine(lab, bytes, 1, tally, undefined);
  expect(examined()).toMatchObject({ verdict: 'agree', finding: undefined });
  armed = true;
  expect(examined()).toMatchObject({ verdict: 'disagree', finding: { kind: 'crash', odd: 'x86-64-isolated' } });
  armed = false;
  expect(examined()).toMatchObject({ verdict: 'agree', finding: undefined });
  expect(tally.engines['x86-64-isolated']).toEqual({ executions: 3, agree: 2, disagree: 1, incomparable: 0 });
});
