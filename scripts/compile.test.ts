// Every level that the compile verb prints is read back, and printed again it is the same.

import { describe, expect, it } from 'vitest';
import { type Level, compile } from '../compiler/index.ts';
import { maybeParseProof, parseFunction, parseProblem, parseVcode, TextScanner, printAllocated, printFunction, printProblem, printProof, printVcode } from '../compiler/inside.ts';
import { generateModule } from '../fuzz/generate/module.ts';
import { randomChoices } from '../fuzz/generate/choices.ts';
import { assembleText, textOf } from './compile.ts';

/** The text of a level after being parsed and printed; for code, the text of the bytes that it assembles to. */
function again(level: Level, text: string): string {
  switch (level.level) {
    case 'ir':
      return printFunction(parseFunction(text), { origins: true });
    case 'vcode':
      return printVcode(level.target, parseVcode(level.target, text).vcode, { origins: true });
    case 'problem':
      return printProblem(parseProblem(new TextScanner(text)).problem, undefined, `f${level.vcode.index}`);
    case 'allocation': {
      const { allocated } = parseVcode(level.target, text);
      return allocated === undefined ? 'the allocation is lost' : printAllocated(level.target, allocated, { origins: true });
    }
    case 'code':
      return textOf({ ...level, bytes: assembleText(level.target, text) });
  }
}

describe.each([
  { opt: 'none', bounds: 'explicit' },
  { opt: 'speed', bounds: 'guard' },
] as const)('levels with opt $opt and bounds $bounds', (options) => {
  it('are the same after being parsed and printed', () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 30; seed++) {
      const result = compile(generateModule(randomChoices(seed)), {
        ...options,
        check: true,
        inspect: (stage, func, level) => {
          seen.add(level.level);
          const text = textOf(level);
          expect(again(level, text), `seed ${seed}, function ${func} after ${stage}`).toBe(text);
        },
      });
      expect(result.ok).toBe(true);
      if (!result.ok) continue;
      for (const { index, proof } of result.proofs) expect(maybeParseProof(printProof(index, proof))).toEqual({ index, proof });
    }
    expect([...seen].sort()).toEqual(['allocation', 'code', 'ir', 'problem', 'vcode']);
  });
});
