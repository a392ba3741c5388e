// Runs the filetests of this room: compiler/filetests/translate/NAME.wat. A file is wasm text; its first lines are comments that say
//   ;; test translate
//   ;; bounds guard | explicit        guard unless said
//   ;; spectre on | off               on unless said
// Each module, from `(module` to `)` at the beginning of a line, is followed by the IR of its functions as comment lines.
// Whatever is printed has passed the verifier and parses back to the same text. BLESS=1 rewrites expectations, except under CI.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import wabt from 'wabt';
import { describe, expect, test } from 'vitest';
import { parseFunctions } from '../ir/parse.ts';
import { printFunction } from '../ir/print.ts';
import { printFaults, verifyFunction } from '../ir/verify.ts';
import { decodeModule } from '../wasm/decode.ts';
import { functionNamesOf } from '../wasm/names.ts';
import { validateModule } from '../wasm/validate.ts';
import { type TranslateOptions, prepareModule } from './prepare.ts';
import { Translator } from './translate.ts';

const folder = join(import.meta.dirname, '../filetests/translate');
const bless = process.env['BLESS'] === '1' && process.env['CI'] === undefined;
const assembler = await wabt();

function optionsOf(text: string): TranslateOptions {
  expect(text.startsWith(';; test translate\n')).toBe(true);
  const said = (word: string): string | undefined => new RegExp(`^;; ${word} (.*)$`, 'm').exec(text)?.[1];
  return { bounds: said('bounds') === 'explicit' ? 'explicit' : 'guard', spectre: said('spectre') !== 'off', fuel: said('fuel') === 'on' };
}

function translateText(text: string, options: TranslateOptions): string {
  const parsed = assembler.parseWat('test.wat', text, { bulk_memory: true, reference_types: true, multi_value: true, sat_float_to_int: true, sign_extension: true });
  const bytes = parsed.toBinary({ write_debug_names: true }).buffer;
  parsed.destroy();
  const module = decodeModule(bytes);
  validateModule(module);
  const names = functionNamesOf(module);
  const translator = new Translator(prepareModule(module, options));
  const functions: string[] = [];
  for (let index = module.importedFunctions; index < module.functions.length; index++) {
    const f = translator.translate(index);
    expect(printFaults(verifyFunction(f))).toBe('');
    const printed = printFunction(f, { name: names.get(index) ?? `f${index}`, origins: false });
    const [again] = parseFunctions(printed);
    expect(again === undefined ? '' : printFunction(again.f, { name: again.name, origins: false })).toBe(printed);
    functions.push(printed);
  }
  return functions.join('\n').replace(/^(.*)\n/gm, (_, line: string) => (line === '' ? ';;\n' : `;; ${line}\n`));
}

const files = readdirSync(folder).filter((name) => name.endsWith('.wat')).toSorted();

describe.each(files)('%s', (file) => {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  const options = optionsOf(text);
  let rewritten = '';
  let end = 0;
  for (const match of text.matchAll(/^\(module[^]*?^\)\n/gm)) {
    const [source] = match;
    const expected = /^(?:;;.*\n)*/.exec(text.slice(match.index + source.length))?.[0] ?? '';
    const name = /\(func \$(\w+)/.exec(source)?.[1] ?? 'module';
    if (bless) rewritten += text.slice(end, match.index) + source + translateText(source, options);
    test(name, ({ skip }) => {
      skip(bless, 'its expectation is being written anew');
      expect(translateText(source, options)).toBe(expected);
    });
    end = match.index + source.length + expected.length;
  }
  if (!bless) return;
  writeFileSync(path, rewritten + text.slice(end));
  test('blessed', () => expect(rewritten).toContain('(module'));
});
