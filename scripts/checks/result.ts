// What one part of `assay test` answers.

/** Counts add up over all parts; `details` are complete lines for the reader, shown where something failed or was skipped. */
export type CheckResult = {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** One clause that says what was looked at, for the part's line. */
  readonly scope: string;
  readonly details: readonly string[];
};

/** The result of a check that is one thing: it passes as a whole or fails as a whole. */
export function wholeCheck(name: string, isPassed: boolean, scope: string, details: readonly string[]): CheckResult {
  return { name, passed: isPassed ? 1 : 0, failed: isPassed ? 0 : 1, skipped: 0, scope, details: isPassed ? [] : details };
}
