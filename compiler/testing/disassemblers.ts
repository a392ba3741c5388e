// Instructions of ours, read by disassemblers that are not ours, and what they read otherwise. A disassembler that is not installed is no judge: the test
// that would ask it is skipped and says what to install.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An instruction as we encode it. */
export interface Sample {
  /** The row it was made from. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Our text of it, where it stands at `offset`. */
  readonly textAt: (offset: number) => string;
}

/** The first of these programs that is installed and says of itself what `accepts` wants to hear. */
export function maybeTool(names: readonly string[], accepts: (version: string) => boolean = () => true): string | undefined {
  return names.find((name) => {
    const { status, stdout } = spawnSync(name, ['--version'], { encoding: 'utf8' });
    return status === 0 && accepts(stdout);
  });
}

const most = 1 << 28;

/** What llvm-mc reads, a text for each sample; throws on what it complains about. */
export function readByLlvm(command: string, args: readonly string[], samples: readonly Sample[]): string[] {
  const input = samples.map(({ bytes }) => [...bytes].map((byte) => `0x${byte.toString(16)}`).join(' ')).join('\n');
  const { stdout, stderr } = spawnSync(command, ['--disassemble', ...args], { input, encoding: 'utf8', maxBuffer: most });
  if (stderr !== '') throw new Error(`${command}: ${stderr}`);
  const lines = stdout.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('.'));
  if (lines.length !== samples.length) throw new Error(`${command} reads ${lines.length} instructions in ${samples.length}`);
  return lines;
}

/** Far enough from address 0 that no branch goes below it. */
const objdumpStart = 0x200000000;

/** Runs a program of binutils; throws unless it succeeds. */
function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: most });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
  return stdout;
}

/** Puts instructions into a file below `directory`; answers what objdump is told of it, its path last. */
export type Wrap = (directory: string, samples: readonly Sample[]) => string[];

/** The bytes and nothing else. */
export const asBinary: Wrap = (directory, samples) => {
  const path = join(directory, 'code.bin');
  writeFileSync(path, Buffer.concat(samples.map(({ bytes }) => bytes)));
  return ['-D', '-b', 'binary', path];
};

/** An object file that says which extensions its words use, where objdump would not read those otherwise. The assembler is given words, no mnemonics. */
export function asWordsFor(assembler: string, args: readonly string[]): Wrap {
  return (directory, samples) => {
    const [source, path] = [join(directory, 'code.s'), join(directory, 'code.o')];
    writeFileSync(source, samples.map(({ bytes }) => `.insn 4, 0x${Buffer.from(bytes.toReversed()).toString('hex')}\n`).join(''));
    run(assembler, [...args, source, '-o', path]);
    return ['-d', path];
  };
}

/** What GNU objdump reads, a text for each sample and the offset at which it stood; `several instructions` for one that it splits. */
export function readByObjdump(command: string, args: readonly string[], samples: readonly Sample[], wrap: Wrap = asBinary): { readonly texts: string[]; readonly offsets: number[] } {
  const directory = mkdtempSync(join(tmpdir(), 'disassemblers-'));
  try {
    const stdout = run(command, ['-z', ...args, '--insn-width=16', `--adjust-vma=${objdumpStart}`, ...wrap(directory, samples)]);
    const found = new Map(stdout.split('\n').flatMap((line) => {
      const [, offset = '', text] = /^\s*([0-9a-f]+):\t[0-9a-f ]+\t(.*)$/.exec(line) ?? [];
      return text === undefined ? [] : [[Number.parseInt(offset, 16), text] as const];
    }));
    const offsets: number[] = [];
    let offset = objdumpStart;
    const texts = samples.map(({ bytes: { length } }) => {
      offsets.push(offset);
      const starts = Array.from({ length }, (_, i) => offset + i).filter((place) => found.has(place));
      const text = starts.length > 1 ? 'several instructions' : (found.get(offset) ?? 'nothing');
      offset += length;
      return text;
    });
    return { texts, offsets };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Where `judge` reads something else than we wrote; `offsetOf` is where a sample stood for it. */
export function differencesFrom(
  judge: string, samples: readonly Sample[], theirs: readonly string[], offsetOf: (sample: Sample, i: number) => number, isSame: (ours: string, theirs: string) => boolean,
): string[] {
  return samples.flatMap((sample, i) => {
    const ours = sample.textAt(offsetOf(sample, i));
    const their = theirs[i] ?? 'nothing';
    return isSame(ours, their) ? [] : [`${sample.name}: ${Buffer.from(sample.bytes).toString('hex')}: ours '${ours}', ${judge} '${their}'`];
  });
}
