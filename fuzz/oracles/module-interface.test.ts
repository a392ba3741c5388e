// The outside of a module, and the one thing that is read of its inside.

import { expect, test } from 'vitest';
import { randomChoices } from '../generate/choices.ts';
import { generateModule } from '../generate/module.ts';
import { parseText } from '../wast/text.ts';
import { openEngine } from './engines/index.ts';
import { maybeSetGlobal, readModuleInterface } from './module-interface.ts';

async function bytesOf(text: string): Promise<Uint8Array> {
  const parsed = await parseText(text);
  if (parsed.kind !== 'bytes') throw new Error(parsed.message);
  return parsed.bytes;
}

test('a function that does nothing but set a global is told from all others', async () => {
  const bytes = await bytesOf(`(module (import "m" "i" (func)) (global (mut i32) (i32.const 0)) (global (mut i32) (i32.const 0))
    (func (param i32)) (func (param i32) (global.set 1 (local.get 0))) (func (param i32) (local i32) (global.set 1 (local.get 0))) (func (param i32) (global.set 1 (local.get 0)) nop)
    (func (param i32 i32) (global.set 0 (local.get 1))))`);
  expect([0, 1, 2, 3, 4, 5].map((own) => maybeSetGlobal(bytes, own))).toEqual([undefined, 1, undefined, undefined, undefined, undefined]);
  expect(maybeSetGlobal(await bytesOf('(module)'), 0)).toBeUndefined();
});

test('in generated modules refuel is such a function, and V8 shows what it sets', async () => {
  const v8 = await openEngine('v8');
  let seen = 0;
  for (let seed = 0; seed < 20; seed++) {
    const bytes = generateModule(randomChoices(seed));
    const { imports, exports } = readModuleInterface(bytes);
    const refuel = exports.find(({ name }) => name === 'refuel');
    const global = maybeSetGlobal(bytes, (refuel?.index ?? 0) - imports.filter(({ kind }) => kind === 'function').length);
    const name = exports.find(({ kind, index }) => kind === 'global' && index === global)?.name;
    expect(name).toBeDefined();
    if (imports.length > 0 || name === undefined) continue;
    const store = v8.openStore({});
    const compiled = store.compile(bytes);
    const started = compiled.kind === 'compiled' ? store.instantiate(compiled.module, () => undefined) : undefined;
    if (started?.kind === 'instance') {
      expect(started.instance.invoke('refuel', [{ type: 'i32', bits: 77 }])).toEqual({ kind: 'values', values: [] });
      expect(started.instance.readGlobal(name)).toEqual({ type: 'i32', bits: 77 });
      seen++;
    }
    store.dispose();
  }
  expect(seen).toBeGreaterThan(2);
});
