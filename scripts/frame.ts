// What every verb of the command line shares: how it is declared, how it reports, and with which exit code it ends.
//
// Standard output belongs to the answer; with --json it is one JSON value, written last. Everything else (logs, progress, complaints) goes to
// standard error, so that output can be piped. A verb never calls process.exit: it sets process.exitCode and returns, or throws one of the two
// errors below, which scripts/assay.ts turns into a message and an exit code. Any other error is a bug of ours and keeps its stack.

import { writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';

/** Exit codes of every verb: fine; a finding or mismatch; bad usage; the machine lacks something. */
export const exitCode = { fine: 0, finding: 1, usage: 2, environment: 3 } as const;

/** The folder that holds this repository, with a slash at its end. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** The command was given wrongly; the message says what was wrong and what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** This machine lacks something; `cure` says how to mend it. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly cure: string;

  constructor(what: string, cure: string) {
    super(what);
    this.cure = cure;
  }
}

/** Starts the declaration of a verb: a commander command that knows `--json` and leaves the exit code to the frame. */
export function newVerb(name: string): Command {
  return new Command(name)
    .option('--json', 'print the answer as one JSON value, last on standard output')
    .exitOverride()
    .helpOption('-h, --help', 'say how this verb is used')
    .showHelpAfterError(`(try: assay ${name} --help)`);
}

/** Writes text to standard output at once, whole, also where the reader is slow. Returns false when the reader has gone away. */
export function print(text: string): boolean {
  const bytes = Buffer.from(text.endsWith('\n') ? text : `${text}\n`);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EPIPE') return false;
      // A pipe that is full: the reader is alive, so wait for it without giving up the order of what is written.
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
  return true;
}

/** Prints the one JSON value of a verb. Integers beyond 2^53 (`bigint`) become decimal strings; call it last. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner)));
}

/** Reads an option's value as a whole number from `least` on, for commander's third argument of `.option`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`It is not a whole number from ${least} on.`);
    }
    return value;
  };
}
