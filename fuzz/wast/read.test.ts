// What the script reader makes of scripts: lines, sources, patterns, and what it refuses.

import { expect, test } from 'vitest';
import { readScript } from './read.ts';
import { ScriptError } from './scanner.ts';
import { escapeStrings } from './text.ts';

test('commands carry their line, and comments and strings hide brackets', () => {
  const commands = readScript(`;; a ) comment
(module $m (func (export "a)") (; ( (; nested ;) ;) ))
(assert_return (invoke $m "a)" (i32.const -0x1) (f32.const nan:0x200000)) (i64.const 1_0) (f64.const nan:canonical))
(assert_trap (module (start 0)) "unreachable")`);
  expect(commands).toEqual([
    { line: 2, kind: 'module', id: '$m', source: { kind: 'text', text: '(module $m (func (export "a)") (; ( (; nested ;) ;) ))' } },
    {
      line: 3,
      kind: 'assert_return',
      action: { kind: 'invoke', module: '$m', name: 'a)', args: [{ type: 'i32', bits: -1 }, { type: 'f32', bits: 0x7fa00000 }] },
      expected: [{ kind: 'value', value: { type: 'i64', bits: 10n } }, { kind: 'float', type: 'f64', pattern: 'nan:canonical' }],
    },
    { line: 4, kind: 'assert_uninstantiable', source: { kind: 'text', text: '(module (start 0))' }, message: 'unreachable' },
  ]);
});

test('module definitions lose their word, binary and quoted modules give bytes', () => {
  const commands = readScript(String.raw`(module definition $d (func)) (module instance $i $d) (module binary "\00asm" "\01\00\00\00") (assert_malformed (module quote "(func" ")\ff") "x")`);
  expect(commands.map((command) => ('source' in command ? command.source : command))).toEqual([
    { kind: 'text', text: '(module  $d (func))' },
    { line: 1, kind: 'module_instance', id: '$i', definition: '$d' },
    { kind: 'binary', bytes: Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0) },
    { kind: 'quote', bytes: Uint8Array.of(40, 102, 117, 110, 99, 10, 41, 0xff, 10) },
  ]);
});

test('vector lanes, alternatives and references are patterns', () => {
  const [command] = readScript('(assert_return (invoke "f") (either (v128.const f32x4 nan:arithmetic 1 -0 0) (ref.extern 3)) (ref.null func) (ref.func))');
  expect(command?.kind === 'assert_return' && command.expected).toEqual([
    {
      kind: 'either',
      patterns: [
        { kind: 'vector', shape: 'f32x4', lanes: ['nan:arithmetic', 0x3f800000n, 0x80000000n, 0n] },
        { kind: 'value', value: { type: 'ref', kind: 'extern', id: 3 } },
      ],
    },
    { kind: 'reference', reference: 'null' },
    { kind: 'reference', reference: 'func' },
  ]);
});

test('a script of bare fields is one module, and what is no script is refused with its line', () => {
  expect(readScript('(func)\n(memory 0)')).toEqual([{ line: 1, kind: 'module', id: undefined, source: { kind: 'text', text: '(module (func)\n(memory 0)\n)' } }]);
  expect(() => readScript('(module)\n\n(assert_return (invoke "f") (i32.const 1)')).toThrow(new ScriptError("expected ')' but found ''", 3));
});

test('only strings are escaped for the text parser', () => {
  expect(escapeStrings('(func (export "é\\"ü")) ;; é "é')).toBe('(func (export "\\u{e9}\\"\\u{fc}")) ;; é "é');
});
