// The stages of the IR that filetests can exercise: a name, and a function from a case to the lines that must stand beneath it.
// Folders of other levels (translate, lower, regalloc, emit, encode) have runners of their own, beside what they test.
// A stage throws if the input is not fit for it, or if a verifier objects to what comes out: such an output is never blessed.

import {
  CountingControl,
  type IrFunction,
  cleanBlocks,
  eliminateDeadCode,
  evaluateAlone,
  expectVerified,
  foldConstants,
  hoistInvariants,
  numberValues,
  parseFunction,
  printFunction,
  removeRedundantParameters,
  simplify,
  verifyFunction,
} from '../inside.ts';
import type { Filetest, FiletestCase } from './filetest.ts';

export type Stage = (test: Filetest, one: FiletestCase) => readonly string[];

export const stages: Readonly<Record<string, Stage>> = { optimise, verify, run };

function linesOf(text: string): readonly string[] {
  return text.trimEnd().split('\n');
}

const passes: Readonly<Record<string, (f: IrFunction, control: CountingControl) => void>> = {
  'clean-blocks': cleanBlocks,
  'eliminate-dead-code': eliminateDeadCode,
  'fold-constants': foldConstants,
  'hoist-invariants': hoistInvariants,
  'number-values': numberValues,
  'remove-redundant-parameters': removeRedundantParameters,
  simplify: (f, control) => simplify(f, control),
};

/** The function after the passes named in the header, one after another; option `fuel N` limits them, `fired on` lists what they did. */
function optimise(test: Filetest, one: FiletestCase): readonly string[] {
  const f = parseFunction(one.input);
  expectVerified(f, 'parsing');
  const fuel = test.options.get('fuel');
  const control = new CountingControl(fuel === undefined ? {} : { fuel: Number(fuel) });
  for (const word of test.words) {
    const pass = passes[word];
    if (pass === undefined) throw new Error(`no pass is called '${word}'`);
    pass(f, control);
    expectVerified(f, word);
  }
  const fired = test.options.get('fired') === 'on' ? [...control.firings].map(([name, count]) => `${count} × ${name}`) : [];
  return [...linesOf(printFunction(f, { name: one.name })), ...fired];
}

/**
 * The verifier's faults, each of which must be announced in the input by `; expect error: words` on its line; nothing comes out. Throws what is
 * missing or unexpected, so that it cannot be blessed.
 */
function verify(_: Filetest, one: FiletestCase): readonly string[] {
  const inputLines = one.input.split('\n');
  // Instructions are numbered in the order of the text.
  const lineOfInst: number[] = [];
  const lineOfBlock = new Map<string, number>();
  inputLines.forEach((line, at) => {
    const block = /^(block\d+)/.exec(line)?.[1];
    if (block !== undefined) lineOfBlock.set(block, at);
    else if (/^ {4}(?!sig\d+ =|fn\d+ =)\S/.test(line)) lineOfInst.push(at);
  });
  const lineOf = (where: string): number => (where.startsWith('inst') ? (lineOfInst[Number(where.slice(4))] ?? 0) : (lineOfBlock.get(where) ?? 0));
  const announced = inputLines.flatMap((line, at) => {
    const words = /; expect error: (.*)$/.exec(line)?.[1];
    return words === undefined ? [] : [{ at, words, found: false }];
  });
  const lines: string[] = [];
  for (const fault of verifyFunction(parseFunction(one.input))) {
    const match = announced.find(({ at, words, found }) => !found && at === lineOf(fault.where) && fault.message.includes(words));
    if (match === undefined) lines.push(`line ${one.line + lineOf(fault.where)}: ${fault.message}`);
    else match.found = true;
  }
  for (const { at, words, found } of announced) if (!found) lines.push(`line ${one.line + at}: no such error: ${words}`);
  if (lines.length > 0) throw new Error(lines.join('\n'));
  return [];
}

/**
 * Runs the function for every line `run: (arguments) -> …` beneath it; what comes out are the same lines with the results found. Integers are
 * decimal or hexadecimal, floats their bits in hexadecimal. The function also runs as the whole mid-end leaves it, with the same result.
 */
function run(_: Filetest, one: FiletestCase): readonly string[] {
  const f = parseFunction(one.input);
  expectVerified(f, 'parsing');
  const levels = [f, optimised(one.input)];
  return one.expected.map((line) => {
    const call = /^run: \(([^)]*)\) ->/.exec(line)?.[1];
    if (call === undefined) return line;
    const args = call === '' ? [] : call.split(',').map((word) => BigInt.asUintN(64, parseInteger(word.trim())));
    const outcomes = levels.map((g) => describeOutcome(g, evaluateAlone([g], args)));
    if (outcomes[0] !== outcomes[1]) throw new Error(`${line}: ${outcomes[0]} before the mid-end, ${outcomes[1]} after`);
    return `run: (${call}) -> ${outcomes[0]}`;
  });
}

function parseInteger(word: string): bigint {
  return word.startsWith('-') ? -BigInt(word.slice(1)) : BigInt(word);
}

function optimised(text: string): IrFunction {
  const f = parseFunction(text);
  const control = new CountingControl();
  for (const name of ['clean-blocks', 'remove-redundant-parameters', 'simplify', 'number-values', 'simplify', 'eliminate-dead-code', 'clean-blocks']) {
    passes[name]?.(f, control);
    expectVerified(f, name);
  }
  return f;
}

function describeOutcome(f: IrFunction, outcome: ReturnType<typeof evaluateAlone>): string {
  if (outcome.trap !== 'none') return `trap ${outcome.trap}`;
  if (outcome.results.length === 0) return 'nothing';
  return outcome.results.map((bits, i) => describeValue(f.signature.results[i] ?? 'i32', bits)).join(', ');
}

function describeValue(type: string, bits: bigint): string {
  if (type.startsWith('f')) return `0x${bits.toString(16).padStart(type === 'f32' ? 8 : 16, '0')}`;
  return String(BigInt.asIntN(type === 'i32' ? 32 : 64, bits));
}
