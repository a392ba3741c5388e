// Lists the engines: which work on this machine and, if not, why.

import type { Command } from 'commander';
import { targetNames, targetOf } from '../compiler/inside.ts';
import { engineRows, openEngine } from '../fuzz/oracles/engines/index.ts';
import { newVerb, print, printJson } from './frame.ts';

export function command(): Command {
  const words = targetNames.map((name) => `  ${name}: ${targetOf(name).features.join(', ') || 'none'}`).join('\n');
  return newVerb('engines').addHelpText('after', `
Behind the name of an engine of our compiler stand words, in any order, as in NAME:none:explicit
  none, speed                  the mid-end
  guard, explicit              who notices accesses outside a memory
  single-pass, backtracking    the register allocator
  unproved                     leave out the proofs of allocations
  baseline, or features        the CPU features that code may use; unless said, all that this CPU names, and none on an emulated one
Features by target:
${words}`).action(async (options: { json?: true }) => {
    const rows: { name: string; available: boolean; reason?: string; version: string; summary: string }[] = [];
    for (const row of await engineRows()) {
      for (const name of row.names) {
        const engine = await openEngine(name);
        const availability = engine.availability();
        rows.push({ name, version: engine.version, summary: row.summary, available: availability.available, ...(availability.available ? {} : { reason: availability.reason }) });
      }
    }
    if (options.json) {
      printJson(rows);
      return;
    }
    const width = Math.max(...rows.map(({ name }) => name.length));
    for (const { name, version, summary, available, reason } of rows) print(`${name.padEnd(width)}  ${available ? 'works' : `not here: ${reason ?? ''}`}  ${summary} (${version})`);
  });
}
