// The verbs of the command line, one row each, in the order in which the help lists them.
// A verb's file is loaded only when that verb is asked for, so that `assay engines` does not pay for the compiler and the lab.

import type { Command } from 'commander';

/** `command` builds the verb anew at each call; the frame adds the summary from the row. */
export type VerbFile = { command(): Command };

/** One verb: its name, one line for the list of verbs, and how its file is loaded. */
export type Verb = { readonly name: string; readonly summary: string; readonly load: () => Promise<VerbFile> };

export const verbs: readonly Verb[] = [
  { name: 'run', summary: 'run a function or a WASI program on an engine', load: () => import('./run.ts') },
  { name: 'compile', summary: 'compile a module and print any level of it', load: () => import('./compile.ts') },
  { name: 'explain', summary: 'follow instructions from wasm to machine code', load: () => import('./explain.ts') },
  { name: 'bench', summary: 'time compilation and execution on several engines', load: () => import('./bench.ts') },
  { name: 'programs', summary: 'build real programs and compare engines on them', load: () => import('./programs.ts') },
  { name: 'test', summary: 'check types, arrows and style, and run every test', load: () => import('./test.ts') },
  { name: 'fetch-testsuite', summary: 'fetch the official specification scripts', load: () => import('./fetch-testsuite.ts') },
  { name: 'doctor', summary: 'check this machine and say how to mend it', load: () => import('./doctor.ts') },
  { name: 'fuzz', summary: 'run a differential campaign', load: () => import('./fuzz.ts') },
  { name: 'campaign', summary: 'look at campaigns, prune their corpora, torture one', load: () => import('./campaign.ts') },
  { name: 'generator', summary: 'say what the generators make', load: () => import('./generator.ts') },
  { name: 'diff', summary: 'run a module on every engine, side by side', load: () => import('./diff.ts') },
  { name: 'replay', summary: 'run a finding of crashes/ again', load: () => import('./replay.ts') },
  { name: 'reduce', summary: 'make a module small that still shows what it shows', load: () => import('./reduce.ts') },
  { name: 'bench-reduce', summary: 'time the reducer on planted miscompiles, beside wasm-reduce', load: () => import('./bench-reduce.ts') },
  { name: 'triage', summary: 'put findings in order: run, locate, merge, new or known', load: () => import('./triage.ts') },
  { name: 'bisect', summary: 'find the stage and rule to blame for a disagreement', load: () => import('./bisect.ts') },
  { name: 'engines', summary: 'list the engines and say which work here', load: () => import('./engines.ts') },
  { name: 'museum', summary: 'plant faults in the compiler and see the lab find them', load: () => import('./museum.ts') },
  { name: 'growth', summary: 'find parts of the compiler whose work grows faster than programs do', load: () => import('./growth.ts') },
  { name: 'wast', summary: 'run specification scripts on an engine', load: () => import('./wast.ts') },
  { name: 'malformed', summary: 'feed damaged modules to the front end and compare verdicts', load: () => import('./malformed.ts') },
];
