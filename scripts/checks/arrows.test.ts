// The arrows themselves under test: a house of empty rooms in which every room imports every other, and what must be refused there.
// The table below is read from STYLE section 3 a second time, on its own, so that a slip in .dependency-cruiser.mjs shows.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findViolations, type Violation } from './arrows.ts';

/** Where each room's sample file lies, by the room's name. */
const places = {
  base: 'compiler/base/sample.ts',
  contract: 'compiler/contract/sample.ts',
  wasm: 'compiler/wasm/sample.ts',
  ir: 'compiler/ir/sample.ts',
  analysis: 'compiler/analysis/sample.ts',
  translate: 'compiler/translate/sample.ts',
  optimise: 'compiler/optimise/rules/sample.ts',
  regalloc: 'compiler/regalloc/sample.ts',
  operand: 'compiler/regalloc/operand.ts',
  problem: 'compiler/regalloc/problem.ts',
  machine: 'compiler/machine/sample.ts',
  x86: 'compiler/isa/x86-64/sample.ts',
  arm: 'compiler/isa/aarch64/lowering/sample.ts',
  emit: 'compiler/emit/sample.ts',
  object: 'compiler/object/sample.ts',
  runtime: 'compiler/runtime/sample.ts',
  sandbox: 'compiler/sandbox/sample.ts',
  audit: 'compiler/audit/sample.ts',
  pipeline: 'compiler/pipeline.ts',
  filetests: 'compiler/filetests/sample.ts',
  index: 'compiler/index.ts',
  inside: 'compiler/inside.ts',
  interpreter: 'interpreter/sample.ts',
  interpreterDoor: 'interpreter/index.ts',
  fuzz: 'fuzz/generate/sample.ts',
  scripts: 'scripts/sample.ts',
} as const;
type Room = keyof typeof places;

const regalloc: readonly Room[] = ['regalloc', 'operand', 'problem'];
const doors: readonly Room[] = ['index', 'inside', 'interpreterDoor'];
const upToEmit: readonly Room[] = ['base', 'contract', 'wasm', 'ir', 'analysis', 'translate', 'optimise', ...regalloc, 'machine', 'x86', 'arm', 'emit'];
const allOfCompiler: readonly Room[] = [...upToEmit, 'object', 'runtime', 'sandbox', 'audit', 'pipeline', 'filetests', 'index'];

/** What each room may import besides itself. */
const may: Readonly<Record<Room, readonly Room[]>> = {
  base: [],
  contract: ['base'],
  wasm: ['base'],
  ir: ['contract', 'base'],
  analysis: ['ir', 'base'],
  translate: ['wasm', 'ir', 'contract', 'base'],
  optimise: ['ir', 'analysis', 'base'],
  regalloc: ['operand', 'problem', 'base'],
  operand: ['regalloc', 'problem', 'base'],
  problem: ['regalloc', 'operand', 'base'],
  machine: ['operand', 'problem', 'ir', 'analysis', 'contract', 'base'],
  x86: ['machine', 'operand', 'ir', 'contract', 'base'],
  arm: ['machine', 'operand', 'ir', 'contract', 'base'],
  emit: ['machine', ...regalloc, 'contract', 'base'],
  object: ['contract', 'base'],
  runtime: ['x86', 'arm', 'emit', 'object', 'contract', 'base'],
  sandbox: ['runtime', 'contract', 'base'],
  audit: ['contract', 'base'],
  pipeline: upToEmit,
  filetests: ['inside'],
  index: ['pipeline', 'object', 'runtime', 'sandbox', 'audit'],
  inside: allOfCompiler,
  interpreter: ['interpreterDoor'],
  interpreterDoor: ['interpreter'],
  fuzz: doors,
  scripts: [...doors, 'fuzz'],
};

/** The packages that a room of the product may import; fuzz and scripts may import any. */
const packages: Readonly<Record<string, readonly Room[]>> = {
  koffi: ['runtime', 'fuzz', 'scripts'],
  vitest: ['fuzz', 'scripts'],
  'node:fs': ['runtime', 'pipeline', 'filetests', 'fuzz', 'scripts'],
};

const rooms = Object.keys(places).filter((name): name is Room => name in places);

function place(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** A relative import from one file of the house to another. */
function arrow(from: string, to: string, form = 'import'): string {
  return `${form} '${'../'.repeat(from.split('/').length - 1)}${to}';\n`;
}

let folder = '';
let violations: readonly Violation[] = [];

/** The files that `from` may not import, by the rules other than the one against cycles, which a house of mutual imports breaks everywhere. */
function refused(from: string): string[] {
  return [...new Set(violations.filter((row) => row.from === from && row.rule !== 'no-cycles').map((row) => row.to))].toSorted();
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-arrows-'));
  for (const [name] of Object.entries(packages)) {
    if (name.startsWith('node:')) continue;
    place(folder, `node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', type: 'module', exports: './index.js' }));
    place(folder, `node_modules/${name}/index.js`, 'export const value = 1;\n');
  }
  place(folder, 'package.json', JSON.stringify({ name: 'house', type: 'module', dependencies: { koffi: '1', vitest: '1' } }));
  for (const room of rooms) {
    const from = places[room];
    const imports = [...rooms.filter((other) => other !== room).map((other) => arrow(from, places[other])), ...Object.keys(packages).map((name) => `import '${name}';\n`)];
    place(folder, from, imports.join(''));
  }
  place(folder, 'compiler/isa/x86-64/target.ts', 'export const value = 1;\n');
  place(folder, 'compiler/isa/index.ts', [arrow('compiler/isa/index.ts', 'compiler/isa/x86-64/target.ts'), arrow('compiler/isa/index.ts', places.x86)].join(''));
  place(folder, 'compiler/ir/only-a-type.ts', arrow('compiler/ir/only-a-type.ts', places.machine, 'import type { value } from'));
  place(folder, 'compiler/ir/later.ts', `export const later = (): Promise<unknown> => import('../machine/sample.ts');\n`);
  place(folder, 'compiler/ir/some.test.ts', [arrow('compiler/ir/some.test.ts', places.inside), arrow('compiler/ir/some.test.ts', places.emit), "import 'vitest';\n"].join(''));
  place(folder, 'compiler/ir/leans-on-a-test.ts', "import './some.test.ts';\n");
  place(folder, 'interpreter/some.test.ts', [arrow('interpreter/some.test.ts', places.inside), "import 'vitest';\n"].join(''));
  place(folder, 'compiler/newroom/sample.ts', arrow('compiler/newroom/sample.ts', places.base));
  place(folder, 'compiler/wasm/one.ts', "import './two.ts';\n");
  place(folder, 'compiler/wasm/two.ts', "import './one.ts';\n");
  ({ violations } = await findViolations(folder));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('arrows', () => {
  test.each(rooms)('%s imports what its row names and nothing else', (room) => {
    const forbidden = rooms.filter((other) => other !== room && !may[room].includes(other)).map((other) => places[other]);
    const outside = Object.keys(packages)
      .filter((name) => !packages[name]?.includes(room))
      .map((name) => (name.startsWith('node:') ? name.slice('node:'.length) : `node_modules/${name}/index.js`));
    expect(refused(places[room])).toEqual([...forbidden, ...outside].toSorted());
  });

  test('the list of targets imports targets and nothing else of theirs', () => {
    expect(refused('compiler/isa/index.ts')).toEqual([places.x86]);
  });

  test('a type and a late import are arrows too', () => {
    expect(refused('compiler/ir/only-a-type.ts')).toEqual([places.machine]);
    expect(refused('compiler/ir/later.ts')).toEqual([places.machine]);
  });

  test('tests follow their room, with packages and the inner door besides; nothing imports them', () => {
    expect(refused('compiler/ir/some.test.ts')).toEqual([places.emit]);
    expect(refused('interpreter/some.test.ts')).toEqual([places.inside]);
    expect(refused('compiler/ir/leans-on-a-test.ts')).toEqual(['compiler/ir/some.test.ts']);
  });

  test('a room without a row is refused', () => {
    expect(violations.filter((row) => row.rule === 'no-room').map((row) => row.from)).toContain('compiler/newroom/sample.ts');
  });

  test('files that import each other are refused', () => {
    expect(violations.filter((row) => row.rule === 'no-cycles').map((row) => row.from)).toContain('compiler/wasm/one.ts');
  });
});
