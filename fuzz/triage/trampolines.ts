// Do values cross between compiled code and its host as they are? Trampolines belong to no function, so no check of functions sees them.
//
// For every signature of the module's imported and exported functions, two modules without anything else in them:
//   within     compiled code calls compiled code with constants, through a table, and keeps what arrives in globals
//   crossing   for an import, compiled code calls the host with the same constants; for an export, the host calls code that keeps what arrives
// Where the first agrees with the reference and the other one differs, what the two have in common is right, and the trampoline is to blame.

import { compareBehaviours } from '../oracles/compare.ts';
import type { Engine } from '../oracles/engine.ts';
import { type InterfaceFunctionType, readModuleInterface } from '../oracles/module-interface.ts';
import { observe, planFor } from '../oracles/observe.ts';
import { parseText } from '../wast/text.ts';

/** Constants with bits in every part, so that a value that loses a part is another. */
const constants: Readonly<Record<string, (i: number) => string>> = {
  i32: (i) => `(i32.const ${-0x12345678 + i})`,
  i64: (i) => `(i64.const ${-0x123456789abcdefn + BigInt(i)})`,
  f32: (i) => `(f32.const ${-1.5 - i})`,
  f64: (i) => `(f64.const ${-1.1 - i})`,
  funcref: () => '(ref.null func)',
  externref: () => '(ref.null extern)',
};

/** Crossings tried at most. */
const most = 16;
const rounds = 4;

const typed = (word: string, types: readonly string[]): string => (types.length === 0 ? '' : `(${word} ${types.join(' ')})`);
const valuesOf = (types: readonly string[]): string => types.map((type, i) => constants[type]?.(i) ?? '').join(' ');
const globals = (letter: string, types: readonly string[]): string => types.map((type, i) => `(global (export "${letter}${i}") (mut ${type}) ${type.endsWith('ref') ? constants[type]?.(i) : `(${type}.const 0)`})`).join(' ');
/** Takes what lies on the stack into globals, the first of which is number `first`. */
const keep = (types: readonly string[], first: number): string => types.map((_type, i) => `global.set ${first + types.length - 1 - i}`).join(' ');

interface Probes {
  readonly within: string;
  readonly imported: string;
  readonly exported: string;
}

function probesOf({ params, results }: InterfaceFunctionType): Probes {
  const signature = `${typed('param', params)} ${typed('result', results)}`;
  const kept = `${globals('p', params)} ${globals('r', results)}`;
  const body = `${params.map((_type, i) => `local.get ${i}`).join(' ')} ${keep(params, 0)} ${valuesOf(results)}`;
  return {
    within: `(module ${kept} (type $t (func ${signature})) (table funcref (elem $g)) (func $g (type $t) ${body})
      (func (export "f") ${valuesOf(params)} i32.const 0 call_indirect (type $t) ${keep(results, params.length)}))`,
    imported: `(module (import "host" "h" (func $h ${signature})) ${kept} (func (export "f") ${valuesOf(params)} call $h ${keep(results, params.length)}))`,
    exported: `(module ${kept} (func (export "f") ${signature} ${body}))`,
  };
}

/** How a crossing goes wrong on `engine` that goes right within compiled code; undefined when none does. Types without a constant above are not tried. */
export async function trampolineFault(reference: Engine, engine: Engine, module: Uint8Array): Promise<string | undefined> {
  const { types, functions, imports, exports } = readModuleInterface(module);
  const isTried = ({ params, results }: InterfaceFunctionType): boolean => [...params, ...results].every((type) => constants[type] !== undefined);
  const crossings = new Map<string, { readonly way: 'imported' | 'exported'; readonly type: InterfaceFunctionType }>();
  for (const [way, items] of [['imported', imports], ['exported', exports]] as const) {
    for (const { kind, index } of items) {
      const type = kind === 'function' ? types[functions[index] ?? -1] : undefined;
      if (type !== undefined && isTried(type)) crossings.set(`an ${way} function (${type.params.join(', ')}) → (${type.results.join(', ')})`, { way, type });
    }
  }
  const differs = async (text: string): Promise<string | undefined> => {
    const parsed = await parseText(text);
    if (parsed.kind === 'malformed') throw new Error(`a probe is no module: ${parsed.message}`);
    const plan = planFor(parsed.bytes, rounds);
    const comparison = compareBehaviours(observe(reference, parsed.bytes, plan), observe(engine, parsed.bytes, plan), plan);
    return comparison.verdict === 'disagree' ? comparison.detail : undefined;
  };
  for (const [what, { way, type }] of [...crossings].slice(0, most)) {
    const probes = probesOf(type);
    const difference = await differs(probes[way]);
    if (difference !== undefined && (await differs(probes.within)) === undefined) return `a call of ${what} differs by itself (${difference}), and the same call within compiled code agrees`;
  }
  return undefined;
}
