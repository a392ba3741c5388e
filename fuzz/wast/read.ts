// Reads a specification script (`.wast`): text → commands. Module text is only delimited; see scanner.ts.

import type { ReferenceValue, Value } from '../oracles/value.ts';
import { nullReference } from '../oracles/value.ts';
import { f32Literal, f64Literal, isLaneShape, laneLiteral, laneShapes, numericLiteral } from './literals.ts';
import { Scanner } from './scanner.ts';
import type { Action, Command, FloatPattern, ModuleSource, Pattern, ReferencePattern } from './script.ts';

/** Reads all commands of a script. Throws `ScriptError` on text that is none. */
export function readScript(text: string): Command[] {
  const scanner = new Scanner(text);
  const commands: Command[] = [];
  while (!scanner.isAtEnd()) {
    const line = scanner.lineOf(scanner.at);
    const word = scanner.peekKeyword();
    if (isCommandWord(word)) commands.push({ line, ...readCommand(scanner, word) });
    else if (commands.length === 0) {
      // A script may consist of the fields of a single module.
      commands.push({ line, kind: 'module', id: undefined, source: { kind: 'text', text: `(module ${text}\n)` } });
      break;
    } else scanner.fail(`unknown command '${word}'`);
  }
  return commands;
}

const commandWords = [
  'module', 'register', 'invoke', 'get', 'thread', 'wait', 'assert_return', 'assert_trap', 'assert_exhaustion', 'assert_exception', 'assert_unlinkable',
  'assert_invalid', 'assert_malformed', 'assert_invalid_custom', 'assert_malformed_custom',
] as const;
type CommandWord = (typeof commandWords)[number];

function isCommandWord(word: string): word is CommandWord {
  return (commandWords as readonly string[]).includes(word);
}

type Unplaced<T> = T extends { readonly line: number } ? Omit<T, 'line'> : never;

function readCommand(scanner: Scanner, word: CommandWord): Unplaced<Command> {
  switch (word) {
    case 'module':
      return readModule(scanner);
    case 'invoke':
    case 'get':
      return { kind: 'action', action: readAction(scanner) };
    case 'thread':
    case 'wait': {
      scanner.open();
      scanner.atom();
      const name = scanner.maybeIdentifier() ?? '';
      skipToClose(scanner);
      return { kind: word, name };
    }
    default:
  }
  scanner.open();
  scanner.atom();
  const command = readTail(scanner, word);
  scanner.close();
  return command;
}

function readTail(scanner: Scanner, word: Exclude<CommandWord, 'module' | 'invoke' | 'get' | 'thread' | 'wait'>): Unplaced<Command> {
  switch (word) {
    case 'register':
      return { kind: 'register', name: scanner.string(), id: scanner.maybeIdentifier() };
    case 'assert_return': {
      const action = readAction(scanner);
      const expected: Pattern[] = [];
      while (scanner.isAtOpen()) expected.push(readPattern(scanner));
      return { kind: word, action, expected };
    }
    case 'assert_trap':
      if (scanner.peekKeyword() === 'module') return { kind: 'assert_uninstantiable', source: readSource(scanner), message: scanner.string() };
      return { kind: word, action: readAction(scanner), message: scanner.string() };
    case 'assert_exhaustion':
      return { kind: word, action: readAction(scanner), message: scanner.string() };
    case 'assert_exception':
      return { kind: word, action: readAction(scanner) };
    case 'assert_unlinkable':
    case 'assert_invalid':
    case 'assert_malformed':
    case 'assert_invalid_custom':
    case 'assert_malformed_custom':
      return { kind: word, source: readSource(scanner), message: scanner.isAtString() ? scanner.string() : '' };
  }
}

function skipToClose(scanner: Scanner): void {
  while (!scanner.isAtClose()) {
    if (scanner.isAtOpen()) scanner.skipForm();
    else if (scanner.isAtString()) scanner.stringBytes();
    else scanner.atom();
  }
  scanner.close();
}

function readModule(scanner: Scanner): Unplaced<Command> {
  const start = scanner.at;
  scanner.open();
  scanner.atom();
  if (scanner.isAtOpen() || scanner.isAtClose() || scanner.isAtString()) {
    scanner.at = start;
    return { kind: 'module', id: undefined, source: readSource(scanner) };
  }
  const word = scanner.atom();
  if (word === 'instance') {
    const id = scanner.maybeIdentifier();
    const definition = scanner.maybeIdentifier();
    scanner.close();
    return { kind: 'module_instance', id, definition };
  }
  const isDefinition = word === 'definition';
  const id = isDefinition ? scanner.maybeIdentifier() : word.startsWith('$') ? word : undefined;
  scanner.at = start;
  return { kind: isDefinition ? 'module_definition' : 'module', id, source: readSource(scanner) };
}

/** Reads a form `(module …)`; the word `definition` in it is not part of the module's text. */
function readSource(scanner: Scanner): ModuleSource {
  scanner.skipSpace();
  const form = scanner.skipForm();
  const inner = new Scanner(form);
  inner.open();
  inner.atom();
  let definitionEnd = -1;
  if (!inner.isAtOpen() && !inner.isAtClose()) {
    const at = inner.at;
    if (inner.atom() === 'definition') definitionEnd = inner.at;
    else inner.at = at;
  }
  inner.maybeIdentifier();
  if (!inner.isAtOpen() && !inner.isAtClose()) {
    const kind = inner.atom();
    if (kind === 'binary' || kind === 'quote') {
      const parts: Uint8Array[] = [];
      while (inner.isAtString()) {
        parts.push(inner.stringBytes());
        // The strings of a quote are separate lines: a comment at the end of one must not swallow the next.
        if (kind === 'quote') parts.push(Uint8Array.of(10));
      }
      return { kind, bytes: new Uint8Array(Buffer.concat(parts)) };
    }
  }
  return { kind: 'text', text: definitionEnd < 0 ? form : `(module ${form.slice(definitionEnd)}` };
}

function readAction(scanner: Scanner): Action {
  scanner.open();
  const word = scanner.atom();
  const module = scanner.maybeIdentifier();
  const name = scanner.string();
  if (word === 'get') {
    scanner.close();
    return { kind: 'get', module, name };
  }
  if (word !== 'invoke') scanner.fail(`unknown action '${word}'`);
  const args: Value[] = [];
  while (scanner.isAtOpen()) args.push(readValue(scanner));
  scanner.close();
  return { kind: 'invoke', module, name, args };
}

/** An argument. A host reference is the harness's own value, whichever hierarchy it enters by. */
function readValue(scanner: Scanner): Value {
  const pattern = readPattern(scanner);
  switch (pattern.kind) {
    case 'value':
      return pattern.value;
    case 'float':
      if (typeof pattern.pattern === 'bigint') return pattern.type === 'f32' ? { type: 'f32', bits: Number(pattern.pattern) } : { type: 'f64', bits: pattern.pattern };
      return scanner.fail('an argument must be one value');
    case 'vector': {
      const { width } = laneShapes[pattern.shape];
      let bits = 0n;
      pattern.lanes.forEach((lane, index) => {
        if (typeof lane === 'bigint') bits |= lane << BigInt(index * width);
        else scanner.fail('an argument must be one value');
      });
      return { type: 'v128', bits };
    }
    case 'host':
      return { type: 'ref', kind: 'extern', id: pattern.id };
    case 'reference':
      if (pattern.reference === 'null') return nullReference;
      return scanner.fail(`an argument must be one value, not any ${pattern.reference}`);
    case 'either':
      return scanner.fail('an argument must be one value');
  }
}

const referencePatterns: Record<string, ReferencePattern> = {
  'ref.null': 'null', 'ref.func': 'func', 'ref.extern': 'extern', 'ref.i31': 'i31', 'ref.eq': 'eq', 'ref.any': 'any', 'ref.struct': 'struct', 'ref.array': 'array', 'ref.exn': 'exn',
};

function floatPattern(text: string, literal: (text: string) => bigint): FloatPattern {
  return text === 'nan:canonical' || text === 'nan:arithmetic' ? text : literal(text);
}

function readPattern(scanner: Scanner): Pattern {
  scanner.open();
  const word = scanner.atom();
  const pattern = readPatternBody(scanner, word);
  scanner.close();
  return pattern;
}

function readPatternBody(scanner: Scanner, word: string): Pattern {
  switch (word) {
    case 'i32.const':
      return { kind: 'value', value: numericLiteral('i32', scanner.atom()) };
    case 'i64.const':
      return { kind: 'value', value: numericLiteral('i64', scanner.atom()) };
    case 'f32.const':
      return { kind: 'float', type: 'f32', pattern: floatPattern(scanner.atom(), (text) => BigInt(f32Literal(text))) };
    case 'f64.const':
      return { kind: 'float', type: 'f64', pattern: floatPattern(scanner.atom(), f64Literal) };
    case 'v128.const': {
      const shape = scanner.atom();
      if (!isLaneShape(shape)) return scanner.fail(`unknown vector shape '${shape}'`);
      const lanes: FloatPattern[] = [];
      for (let lane = 0; lane < laneShapes[shape].lanes; lane++) lanes.push(floatPattern(scanner.atom(), (text) => laneLiteral(shape, text)));
      return { kind: 'vector', shape, lanes };
    }
    case 'either': {
      const patterns: Pattern[] = [];
      while (scanner.isAtOpen()) patterns.push(readPattern(scanner));
      return { kind: 'either', patterns };
    }
    case 'ref.host':
      return { kind: 'host', id: Number(scanner.atom()) };
    default:
  }
  const reference = referencePatterns[word];
  if (reference === undefined) return scanner.fail(`unknown value '${word}'`);
  if (scanner.isAtClose()) return { kind: 'reference', reference };
  const detail = scanner.atom();
  if (word === 'ref.extern') return referenceValue({ type: 'ref', kind: 'extern', id: Number(detail) });
  if (word === 'ref.i31') return referenceValue({ type: 'ref', kind: 'i31', value: Number(detail) });
  // `(ref.null func)`, `(ref.func 3)`: heap types and function indices are not compared, as in the reference interpreter.
  return { kind: 'reference', reference };
}

function referenceValue(value: ReferenceValue): Pattern {
  return { kind: 'value', value };
}
