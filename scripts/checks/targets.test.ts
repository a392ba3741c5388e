// A new ISA is a folder below compiler/isa and a row in its index: no other code may know one by name.

import { expect, test } from 'vitest';
import { targetNames, targetOf } from '../../compiler/inside.ts';
import { houseFiles, maybeText } from './house.ts';

/** Code that is about one ISA, so that another one adds nothing to it. */
const exempt: readonly (readonly [path: RegExp, because: string])[] = [
  [/^compiler\/isa\//, 'the folders of the ISAs, and the list of them'],
  [/[.]test[.]ts$/, 'tests show things on the ISA they are about'],
  [/^compiler\/runtime\/cpu\/assembled-artifact[.]ts$/, 'code for tests, in assembly'],
  [/^fuzz\/faults\//, 'a fault is planted in the rules or rows of one ISA'],
  [/^fuzz\/guidance\/machine[.]ts$/, "the processors for which a foreign package has binaries, in Debian's words"],
  [/^fuzz\/oracles\/native-access[.]ts$/, 'reads the accesses of single ISAs by means that are not ours; an ISA without a reader is not asked about'],
  [/^compiler\/inside[.]ts$/, 'hands these rules and rows to the faults'],
];

const names = targetNames.flatMap((name) => {
  const { nodeArch, emulator, triple, debianArch } = targetOf(name).platform;
  return [name, nodeArch, emulator, triple, debianArch];
});
const named = new RegExp(`(?<![\\w-])(?:${[...new Set(names)].join('|')})(?![\\w])|isa/[a-z][\\w-]*/`, 'i');

const withoutComments = (line: string): string => line.replace(/(?:^|\s)\/\/.*$/, '').replace(/\/\*.*?\*\//g, '').replace(/^\s*(?:\/\*\*|\*) .*$/, '');

const isNamed = (line: string): boolean => named.test(withoutComments(line));

test('the pattern sees names in code and not in comments', () => {
  const code = ["target: 'x86-64',", '{ arm64: 98 }', "from '../isa/riscv64/target.ts'", '/^(aarch64)/', "spawn('qemu-riscv64')"];
  expect(code.filter(isNamed)).toEqual(code);
  expect(['// on aarch64', ' * riscv64 alone', 'const a = 1; // x86-64', "from './isa/index.ts'", 'case 0x64:', 'uint64_t'].filter(isNamed)).toEqual([]);
});

test('no code outside the ISAs knows one by name', () => {
  const found = houseFiles()
    .filter((path) => path.endsWith('.ts') && !exempt.some(([pattern]) => pattern.test(path)))
    .flatMap((path) => (maybeText(path) ?? '').split('\n').flatMap((line, index) => (isNamed(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])));
  expect(found).toEqual([]);
});

test('no table outside the ISAs needs a row for each, not even in a test', () => {
  const tests = /[.]test[.]ts$/;
  const keys = targetNames.map((name) => new RegExp(`(?<![\\w-])'?${name}'?:\\s`));
  const text = (path: string): string => (maybeText(path) ?? '').split('\n').map(withoutComments).join('\n');
  const found = houseFiles().filter((path) => path.endsWith('.ts') && !exempt.some(([pattern]) => pattern.source !== tests.source && pattern.test(path)) && keys.every((key) => key.test(text(path))));
  expect(found).toEqual([]);
});

test('what is exempt exists', () => {
  const paths = houseFiles();
  expect(exempt.filter(([pattern]) => !paths.some((path) => pattern.test(path)))).toEqual([]);
});
