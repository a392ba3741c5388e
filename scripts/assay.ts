// The command line's entry: finds the verb, loads its file, runs it, and turns what went wrong into a message and an exit code.
// Started by scripts/assay (the launcher), which has made sure of Node and node_modules.

import { CommanderError } from 'commander';
import { EnvironmentError, exitCode, print, UsageError } from './frame.ts';
import { type Verb, verbs } from './verbs.ts';

function usage(): string {
  const width = Math.max(...verbs.map((verb) => verb.name.length));
  return [
    'usage: assay VERB [ARGUMENTS] [--json]',
    '',
    ...verbs.map((verb) => `  ${verb.name.padEnd(width)}  ${verb.summary}`),
    '',
    'assay VERB --help tells more. Exit codes: 0 fine, 1 finding or mismatch, 2 usage, 3 environment.',
  ].join('\n');
}

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function runVerb(verb: Verb, args: readonly string[]): Promise<void> {
  const { command } = await verb.load();
  const declared = command();
  if (declared.description() === '') declared.description(`${verb.summary}.`);
  // Commander names a command alone by its own name; the reader types the launcher's name before it.
  declared.name(`assay ${verb.name}`);
  await declared.parseAsync(args, { from: 'user' });
}

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) {
    complain(usage());
    return exitCode.usage;
  }
  if (name === 'help' || name === '--help' || name === '-h') {
    const asked = verbs.find((verb) => verb.name === rest[0]);
    if (asked !== undefined) return main([asked.name, '--help']);
    print(usage());
    return exitCode.fine;
  }
  const verb = verbs.find((row) => row.name === name);
  if (verb === undefined) {
    complain(`assay: no verb '${name}'; the verbs are: ${verbs.map((row) => row.name).join(' ')}`);
    return exitCode.usage;
  }
  try {
    await runVerb(verb, rest);
    return Number(process.exitCode ?? exitCode.fine);
  } catch (error) {
    // Commander has printed its complaint (or the help that was asked for) before it throws.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.fine : exitCode.usage;
    if (error instanceof UsageError) {
      complain(`assay ${name}: ${error.message}`);
      return exitCode.usage;
    }
    if (error instanceof EnvironmentError) {
      complain(`assay ${name}: ${error.message}\n  mend: ${error.cure}`);
      return exitCode.environment;
    }
    throw error;
  }
}

process.exitCode = await main(process.argv.slice(2));
