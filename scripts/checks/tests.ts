// Every test of the house by vitest: unit tests, filetests, regressions, laws.
//
// Vitest runs as a process group of its own. Generated code can loop without end where no timer of vitest's reaches it, so a run that tells nothing
// for `silenceLimit` is ended here, and the files that were running are named as failed.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { root } from '../frame.ts';
import type { TestEvent } from './reporter.ts';
import type { CheckResult } from './result.ts';

/** Milliseconds without any event after which the run is taken to hang; above the longest timeout that a test may ask for. */
const silenceLimit = 300_000;

/** Adds up events. A file that began and did not end counts as one failure, since its process died or was ended. */
export function newTally(): { add(event: TestEvent): void; result(exit: number): CheckResult } {
  const running = new Set<string>();
  const seen = new Set<string>();
  const failures: string[] = [];
  const skips = new Map<string, number>();
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  const fail = (text: string): void => {
    failed++;
    failures.push(text);
  };
  return {
    add(event) {
      switch (event.kind) {
        case 'begin':
          running.add(event.file);
          seen.add(event.file);
          break;
        case 'test':
          if (event.state === 'passed') passed++;
          else if (event.state === 'failed') fail(`failed: ${event.file} > ${event.name}`);
          else {
            skipped++;
            if (event.note === '') fail(`skipped without a reason: ${event.file} > ${event.name}`);
            const reason = `${event.file}: ${event.note === '' ? 'no reason given' : event.note}`;
            skips.set(reason, (skips.get(reason) ?? 0) + 1);
          }
          break;
        case 'end':
          running.delete(event.file);
          seen.add(event.file);
          for (const error of event.errors) fail(`failed outside its tests: ${event.file}: ${error}`);
          break;
        case 'loose':
          fail(`error outside every test: ${event.error}`);
          break;
        default: {
          const unknown: never = event;
          throw new Error(`unknown event ${JSON.stringify(unknown)}`);
        }
      }
    },
    result(exit) {
      for (const file of running) fail(`did not end: ${file}`);
      if (exit !== 0 && failed === 0) fail(`vitest ended with exit code ${exit} and no failed test`);
      const details = [...failures, ...[...skips].map(([reason, count]) => `skipped ${count}: ${reason}`)];
      return { name: 'tests', passed, failed, skipped, scope: `${seen.size} files`, details };
    },
  };
}

/** Runs the tests whose file's path contains one of `filters`, or all. Vitest's own words go to standard error where `isQuiet`, else to standard output. */
export function runTests(filters: readonly string[], isQuiet: boolean): Promise<CheckResult> {
  return new Promise((resolve, reject) => {
    const program = fileURLToPath(new URL('vitest.ts', import.meta.url));
    // Vitest's libraries colour their output wherever CI is set; a file or a pipe gets plain text.
    const env = process.stdout.isTTY && !isQuiet ? process.env : { ...process.env, NO_COLOR: '1' };
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...filters], { cwd: root, detached: true, env, stdio: ['ignore', isQuiet ? 2 : 1, 2, 'pipe'] });
    const end = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // The group is gone already.
      }
    };
    const interrupt = (): void => {
      end();
      process.exit(130);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    for (const signal of signals) process.on(signal, interrupt);

    const tally = newTally();
    let timer = setTimeout(end, silenceLimit);
    const events = child.stdio[3];
    if (!(events instanceof Readable)) throw new Error('vitest was started without its event pipe');
    const lines = createInterface({ input: events });
    lines.on('line', (line) => {
      clearTimeout(timer);
      timer = setTimeout(end, silenceLimit);
      tally.add(JSON.parse(line));
    });
    const drained = new Promise<void>((settle) => lines.on('close', settle));
    child.on('error', reject);
    child.on('exit', async (code) => {
      clearTimeout(timer);
      // What vitest left behind (a child that hangs in native code) ends with it.
      end();
      await drained;
      for (const signal of signals) process.off(signal, interrupt);
      resolve(tally.result(code ?? 1));
    });
  });
}
