// How bad a finding is: a ladder, the worst first.

export const severities = ['sandbox escape', 'wrong value', 'wrong trap', 'nondeterminism', 'compiler crash', 'accepts invalid', 'hang', 'other'] as const;
export type Severity = (typeof severities)[number];

const byKind: Readonly<Record<string, Severity>> = {
  result: 'wrong value', outcome: 'wrong value', memory: 'wrong value', global: 'wrong value', table: 'wrong value', 'host-calls': 'wrong value', output: 'wrong value',
  start: 'wrong value', link: 'wrong value', 'trap-kind': 'wrong trap', crash: 'compiler crash', validity: 'accepts invalid', hang: 'hang',
};

/** Signals that say a process touched what is not its own, or executed what is no code. */
const escapes = /unknown fault|a signal where no trap can be|SIGSEGV|SIGBUS|SIGILL|SIGTRAP/;

/** The rung of a finding: by the kind of difference, what it says in detail, and whether it shows every time. */
export function severityOf(kind: string, detail: string, isFlaky: boolean): Severity {
  if ((kind === 'crash' || kind === 'death') && escapes.test(detail)) return 'sandbox escape';
  if (isFlaky) return 'nondeterminism';
  if (kind === 'death') return 'compiler crash';
  return byKind[kind] ?? 'other';
}

/** For sorting: the worst first. */
export const rankOf = (severity: Severity): number => severities.indexOf(severity);
