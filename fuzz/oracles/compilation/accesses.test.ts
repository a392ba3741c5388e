// What counts as another access, on traces written by hand, and how wide native accesses are, on bytes from the manuals.

import { expect, test } from 'vitest';
import { parseText } from '../../wast/text.ts';
import { openAccessReaders } from '../native-access.ts';
import { accesses, maybeAccessFault } from './accesses.ts';

const load = (width: number, at: number): string => `load ${width} at ${at} in memory 0`;
const store = (width: number, at: number): string => `store ${width} at ${at} in memory 0`;

test('as translated, accesses are the same and in the same order', () => {
  const wanted = [load(1, 8), store(2, 4), load(1, 8)];
  expect(maybeAccessFault(wanted, wanted, 'nothing')).toBeUndefined();
  expect(maybeAccessFault(wanted, [load(4, 8), store(2, 4), load(1, 8)], 'nothing')).toBe('load 4 at 8 in memory 0 in place of load 1 at 8 in memory 0');
  expect(maybeAccessFault(wanted, wanted.slice(0, 2), 'nothing')).toBe('load 1 at 8 in memory 0 is missing');
  expect(maybeAccessFault(wanted, [...wanted, store(2, 4)], 'nothing')).toBe('store 2 at 4 in memory 0, which the standard does not make');
});

test('the mid-end leaves out a load whose value is known, until the next store', () => {
  expect(maybeAccessFault([load(4, 8), load(8, 0), load(4, 8)], [load(4, 8), load(8, 0)], 'known loads')).toBeUndefined();
  expect(maybeAccessFault([store(4, 8), load(4, 8)], [store(4, 8)], 'known loads')).toBeUndefined();
  expect(maybeAccessFault([load(4, 8), store(4, 0), load(4, 8)], [load(4, 8), store(4, 0)], 'known loads')).toMatch('missing');
  // Of what a narrow store wrote, the rest of the register is unknown.
  expect(maybeAccessFault([store(1, 8), load(1, 8)], [store(1, 8)], 'known loads')).toMatch('missing');
  expect(maybeAccessFault([load(4, 8), load(2, 8)], [load(4, 8)], 'known loads')).toMatch('missing');
});

test('no store is ever left out, made twice or moved, and nothing becomes wider', () => {
  expect(maybeAccessFault([store(4, 8), store(4, 8)], [store(4, 8)], 'loads')).toMatch('missing');
  expect(maybeAccessFault([store(4, 8)], [store(4, 8), store(4, 8)], 'loads')).toMatch('which the standard does not make');
  expect(maybeAccessFault([store(4, 8), store(4, 0)], [store(4, 0), store(4, 8)], 'loads')).toMatch('in place of');
  expect(maybeAccessFault([load(1, 8), load(1, 9)], [load(2, 8)], 'loads')).toMatch('load 2');
});

test('memories keep their names when the first access to one is left out', async () => {
  // With explicit bounds, at every fourth turn, a load that nobody needs may go.
  const text = await parseText('(module (memory $a 1) (memory $b 1) (func (export "f") (param i32) (drop (i32.load $b (i32.and (local.get 0) (i32.const 0xff)))) (i32.store $a (i32.const 8) (local.get 0)) (i32.store $b (i32.const 4) (local.get 0))))');
  if (text.kind === 'malformed') throw new Error(text.message);
  for (let turn = 0; turn < 4; turn++) expect(await accesses.ask(text.bytes, turn, [])).toEqual({ verdict: 'agree' });
});

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

test('bytes from the manuals are read with their width and direction', async () => {
  const readers = await openAccessReaders();
  const said = (target: keyof typeof readers, code: string): string[] => (readers[target]?.(hex(code)) ?? []).map(({ reads, writes, width, pcRelative }) => `${reads ? 'r' : ''}${writes ? 'w' : ''}${width}${pcRelative ? ' near' : ''}`);
  // movzx eax, byte [rcx]; mov [rcx], ax; add [rcx], eax; cmp [rcx], eax; movsd xmm0, [rcx]; movsd [rcx], xmm0; movaps xmm0, [rip + 0]; lea eax, [rcx]; call [rax]; nopw [rax]
  expect(said('x86-64', '0fb601 668901 0101 3901 f20f1001 f20f1101 0f280500000000 8d01 ff10 660f1f00')).toEqual(['r1', 'w2', 'rw4', 'r4', 'r8', 'w8', 'r16 near', 'r8']);
  // ldrb w0, [x1]; strh w0, [x1]; ldr x0, [x1, w2, uxtw]; ldrsw x0, [x1]; str d0, [x1]; stp x0, x1, [sp]; ldr x0, literal; ldursh x0, [x1]; add x0, x1, x2
  expect(said('aarch64', '20004039 20000079 204862f8 200080b9 200000fd e00700a9 00000058 20008078 2000028b')).toEqual(['r1', 'w2', 'r8', 'r4', 'w8', 'w16', 'r8 near', 'r2']);
  // lbu a0, 0(a1); sh a0, 0(a1); ld a0, 0(a1); fsw fa0, 0(a1); fld fa0, 0(a1); auipc t6, 0; flw fa0, 8(t6); addi t6, t6, 0; lwu a0, 0(t6)
  expect(said('riscv64', '03c50500 23 90a500 03b50500 27a0a500 07b50500 970f0000 07a58f00 938f0f00 03e50f00')).toEqual(['r1', 'w2', 'r8', 'w4', 'r8', 'r4 near', 'r4']);
});
