// Times the reducer on planted miscompiles in large modules, beside wasm-reduce where it is installed.

import type { Command } from 'commander';
import { plantedFaults } from '../fuzz/faults/index.ts';
import { instructionsIn, maybeCase, maybeWasmReduce, type Measured, measureOurs, measureWasmReduce } from '../fuzz/minimise/bench.ts';
import { selfTestEngine } from '../fuzz/campaign/self-test.ts';
import { openEngine } from '../fuzz/oracles/engines/index.ts';
import { EnvironmentError, newVerb, print, printJson, wholeNumber } from './frame.ts';
import { newStatus } from './status.ts';

interface BenchReduceOptions {
  readonly cases: number;
  readonly engine: string;
  readonly seconds: number;
  readonly seed: number;
  readonly workers: number;
  readonly peer: boolean;
  readonly json?: true;
}

interface Row {
  readonly fault: string;
  readonly before: { readonly bytes: number; readonly instructions: number };
  readonly ours: Measured;
  readonly wasmReduce: Measured | undefined;
}

export function command(): Command {
  return newVerb('bench-reduce')
    .option('--cases <n>', 'how many; faults take turns', wholeNumber(1), 12)
    .option('--engine <name>', "the engine that the faults are planted in; that of the self-test's fault unless given")
    .option('--seconds <n>', 'for each case and each reducer', wholeNumber(1), 60)
    .option('--seed <n>', 'which modules', wholeNumber(0), 1)
    .option('--workers <n>', 'candidates that our reducer judges at a time; wasm-reduce judges one', wholeNumber(1), 1)
    .option('--no-peer', 'without wasm-reduce')
    .action(async (given: Omit<BenchReduceOptions, 'engine'> & { readonly engine?: string }) => {
      const options = { ...given, engine: given.engine ?? (await selfTestEngine()) };
      const availability = (await openEngine(options.engine)).availability();
      if (!availability.available) throw new EnvironmentError(`the engine ${options.engine} does not work here: ${availability.reason}`, 'assay engines lists those that do');
      const peer = options.peer ? maybeWasmReduce() : undefined;
      if (!options.json) print(header(peer !== undefined));
      const rows = await measure(options, peer, (row) => {
        if (!options.json) print(line(row));
      });
      if (options.json) printJson(rows.map(({ wasmReduce, ...row }) => ({ ...row, ...(wasmReduce === undefined ? {} : { wasmReduce }) })));
      else {
        print(medians(rows));
        if (options.peer && peer === undefined) print('wasm-reduce is not on the PATH as a program of its own; on Debian it is in the package binaryen');
      }
    });
}

async function measure({ cases, engine, seconds, seed, workers }: BenchReduceOptions, peer: string | undefined, onRow: (row: Row) => void): Promise<Row[]> {
  const status = newStatus();
  const rows: Row[] = [];
  // A fault that shows on no module of a seed range, as one planted in another target, gives its turn to the next.
  for (let turn = 0; rows.length < cases && turn < 4 * cases; turn++) {
    const fault = plantedFaults[turn % plantedFaults.length];
    if (fault === undefined) break;
    status.show(`${rows.length} of ${cases} cases; looking for a module that shows ${fault.name}`);
    const given = await maybeCase(fault, engine, seed * 1_000_000 + turn * 10_000);
    if (given === undefined) continue;
    status.show(`${rows.length} of ${cases} cases; reducing ${fault.name}, ${given.bytes.length} bytes`);
    const ours = await measureOurs(given, seconds, workers);
    const wasmReduce = peer === undefined ? undefined : await measureWasmReduce(peer, given, seconds);
    const row = { fault: fault.name, before: { bytes: given.bytes.length, instructions: instructionsIn(given.bytes) }, ours, wasmReduce };
    status.clear();
    onRow(row);
    rows.push(row);
  }
  status.clear();
  return rows;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function cells(measured: Measured | undefined): string {
  return measured === undefined ? '' : ` ${measured.instructions} | ${measured.bytes} | ${measured.seconds.toFixed(1)}${measured.isFinished ? '' : ' (cut)'} |`;
}

function header(hasPeer: boolean): string {
  return [
    `| fault | before: instructions | bytes | ours: instructions | bytes | seconds |${hasPeer ? ' wasm-reduce: instructions | bytes | seconds |' : ''}`,
    `|---|---|---|---|---|---|${hasPeer ? '---|---|---|' : ''}`,
  ].join('\n');
}

function line({ fault, before, ours, wasmReduce }: Row): string {
  return `| ${fault} | ${before.instructions} | ${before.bytes} |${cells(ours)}${cells(wasmReduce)}`;
}

function medians(rows: readonly Row[]): string {
  const summary = (list: readonly Measured[]): string => ` ${median(list.map(({ instructions }) => instructions))} | ${median(list.map(({ bytes }) => bytes))} | ${median(list.map(({ seconds }) => seconds)).toFixed(1)} |`;
  const peers = rows.flatMap(({ wasmReduce }) => wasmReduce ?? []);
  return `| median | ${median(rows.map(({ before }) => before.instructions))} | ${median(rows.map(({ before }) => before.bytes))} |${summary(rows.map(({ ours }) => ours))}${peers.length > 0 ? summary(peers) : ''}`;
}
