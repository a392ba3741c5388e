// Gathers the valid modules that are to be damaged: our own seeds, and the official suite's where it lies.
// Kept: what the compiler accepts, up to a size that leaves room for many modules among the tries.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadScript } from '../wast/load.ts';
import { maybeSuiteFolder, suitePaths } from '../wast/suite.ts';
import { parseText } from '../wast/text.ts';
import { askCompiler } from './opinions.ts';
import type { Seed } from './try.ts';

export const largestSeed = 8192;

/** Of the modules below `folder` and of the suite, those that are to be damaged. */
export async function gatherSeeds(folder: string): Promise<Seed[]> {
  return (await gatherModules(folder)).filter(({ bytes }) => bytes.length <= largestSeed && askCompiler(bytes).kind === 'valid');
}

/** Modules below `folder` (`.wat` and `.wasm`) and of the official suite, valid or not, without duplicates, in the order of their names. */
export async function gatherModules(folder: string): Promise<Seed[]> {
  const seeds = new Map<string, Seed>();
  const add = (name: string, bytes: Uint8Array): void => {
    const key = Buffer.from(bytes).toString('latin1');
    if (!seeds.has(key)) seeds.set(key, { name, bytes });
  };
  const files = existsSync(folder) ? globSync('**/*.{wat,wasm}', { cwd: folder }).sort() : [];
  for (const file of files) {
    const content = readFileSync(join(folder, file));
    if (file.endsWith('.wasm')) add(file, content);
    else {
      const parsed = await parseText(content.toString('utf8'));
      if (parsed.kind === 'bytes') add(file, parsed.bytes);
    }
  }
  const suite = maybeSuiteFolder();
  for (const path of suite === undefined ? [] : suitePaths(suite)) {
    const script = await loadScript(path);
    for (const command of script.commands) {
      const source = 'source' in command ? command.source : undefined;
      const parsed = source === undefined ? undefined : script.modules.get(source);
      if (parsed?.kind === 'bytes') add(`${path.slice(path.lastIndexOf('/') + 1)}:${command.line}`, parsed.bytes);
    }
  }
  return [...seeds.values()];
}
