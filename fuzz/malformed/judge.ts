// All opinions on some bytes, and what in them is surprising: a crash, a refusal without a reason, a slow judge, a difference that is not known.

import { performance } from 'node:perf_hooks';
import { askCompiler, askInterpreter, askV8, differ, maybeKnownDifference, type Opinion } from './opinions.ts';

export interface Surprising {
  readonly kind: 'crash' | 'slow' | 'difference';
  /** Who disagrees with the compiler; undefined for crashes. */
  readonly other: 'v8' | 'interp' | undefined;
  readonly detail: string;
  readonly error: Error | undefined;
}

export interface JudgedBytes {
  /** What the compiler said; undefined when it crashed. */
  readonly verdict: Opinion['kind'] | undefined;
  /** How long the compiler took. */
  readonly milliseconds: number;
  /** Names of known differences. */
  readonly known: readonly string[];
  readonly surprises: readonly Surprising[];
}

/** Who is asked; replaced where the oracle itself is tested. */
export const opinions = { compiler: askCompiler, v8: askV8, interp: askInterpreter };

/** One module must be judged within this time, however odd it is. */
const patienceMs = 2000;

export function judgeBytes(bytes: Uint8Array, ask: typeof opinions = opinions): JudgedBytes {
  const start = performance.now();
  let compiler: ReturnType<typeof askCompiler>;
  try {
    compiler = ask.compiler(bytes);
  } catch (error) {
    const crash: Surprising = { kind: 'crash', other: undefined, detail: String(error), error: error instanceof Error ? error : undefined };
    return { verdict: undefined, milliseconds: performance.now() - start, known: [], surprises: [crash] };
  }
  const milliseconds = performance.now() - start;
  const known: string[] = [];
  const surprises: Surprising[] = [];
  const surprise = (kind: Surprising['kind'], other: Surprising['other'], detail: string): void => void surprises.push({ kind, other, detail, error: undefined });
  if (milliseconds > patienceMs) surprise('slow', undefined, `${Math.round(milliseconds)} ms for ${bytes.length} bytes`);
  if (compiler.kind !== 'valid' && (compiler.message === '' || compiler.offset < 0 || compiler.offset > bytes.length))
    surprise('crash', undefined, `refused without a reason or with offset ${compiler.offset} of ${bytes.length}`);
  for (const other of ['v8', 'interp'] as const) {
    const opinion = ask[other](bytes);
    if (!differ(compiler, opinion)) continue;
    const difference = maybeKnownDifference(compiler, opinion);
    if (difference === undefined) surprise('difference', other, `compiler: ${compiler.kind} ${compiler.message} @${compiler.offset}; ${other}: ${opinion.kind} ${opinion.message}`);
    else known.push(`${difference.name} (${other})`);
  }
  return { verdict: compiler.kind, milliseconds, known, surprises };
}
