// Lists the engines: which work on this machine and, if not, why.

import type { Command } from 'commander';
import { engineRows, openEngine } from '../fuzz/oracles/engines/index.ts';
import { newVerb, print, printJson } from './frame.ts';

export function command(): Command {
  return newVerb('engines').action(async (options: { json?: true }) => {
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
