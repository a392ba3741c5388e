// Tells scripts/checks/tests.ts what vitest does, event by event: one JSON line each on file descriptor 3.
// Events rather than a report at the end, so that a test that hangs or takes its process down is known by name.

import { writeSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';
import { root } from '../frame.ts';

/** What happened. A module fails besides its tests when it cannot be loaded, or when a hook outside them throws. */
export type TestEvent =
  | { readonly kind: 'begin'; readonly file: string }
  | { readonly kind: 'test'; readonly file: string; readonly name: string; readonly state: 'passed' | 'failed' | 'skipped'; readonly note: string }
  | { readonly kind: 'end'; readonly file: string; readonly errors: readonly string[] }
  | { readonly kind: 'loose'; readonly error: string };

function tell(event: TestEvent): void {
  writeSync(3, `${JSON.stringify(event)}\n`);
}

function fileOf(module: TestModule): string {
  return relative(root, module.moduleId);
}

export class EventReporter implements Reporter {
  onTestModuleStart(module: TestModule): void {
    tell({ kind: 'begin', file: fileOf(module) });
  }

  onTestCaseResult(test: TestCase): void {
    const result = test.result();
    if (result.state === 'pending') return;
    const note = result.state === 'skipped' ? (result.note ?? '') : '';
    tell({ kind: 'test', file: fileOf(test.module), name: test.fullName, state: result.state, note });
  }

  onTestModuleEnd(module: TestModule): void {
    const suites = [...module.children.allSuites()].flatMap((suite) => suite.errors());
    tell({ kind: 'end', file: fileOf(module), errors: [...module.errors(), ...suites].map((error) => error.message) });
  }

  onTestRunEnd(_modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    for (const error of unhandled) tell({ kind: 'loose', error: [error.message, error.cause?.message].filter((text) => text !== undefined).join(' ') });
  }
}
