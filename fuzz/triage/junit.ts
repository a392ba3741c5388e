// Findings as JUnit XML, the format in which continuous integration takes test results: one test case a finding.
//
// What is new or back is a failure, what is known is skipped, what does not show (any more) passes, what could not be read is an error. There is no one
// standard: elements and attributes are those that the schemas of Apache Ant and of Jenkins's xUnit plugin have in common, but for times, which nobody measures here.

/** One finding as a test case. */
export interface JunitCase {
  readonly name: string;
  /** What stands where test runners name a class: dots group it. */
  readonly group: string;
  readonly outcome:
    | { readonly kind: 'passed' }
    | { readonly kind: 'skipped'; readonly message: string }
    /** `text` is shown in full, `message` in lists. */
    | { readonly kind: 'failure' | 'error'; readonly type: string; readonly message: string; readonly text: string };
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;', '\t': '&#9;', '\r': '&#13;' };

/** Characters that XML 1.0 has no way to write (its production 2) stand as U+FFFD. */
const written = (text: string): string => text.toWellFormed().replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
const attribute = (text: string): string => written(text).replaceAll(/[&<>"\n\t\r]/g, (character) => entities[character] ?? character);
const content = (text: string): string => written(text).replaceAll(/[&<>]/g, (character) => entities[character] ?? character);

function caseLines({ name, group, outcome }: JunitCase): string[] {
  const head = `    <testcase name="${attribute(name)}" classname="${attribute(group)}"`;
  switch (outcome.kind) {
    case 'passed':
      return [`${head}/>`];
    case 'skipped':
      return [`${head}>`, `      <skipped message="${attribute(outcome.message)}"/>`, '    </testcase>'];
    case 'failure':
    case 'error':
      return [`${head}>`, `      <${outcome.kind} type="${attribute(outcome.type)}" message="${attribute(outcome.message)}">${content(outcome.text)}</${outcome.kind}>`, '    </testcase>'];
  }
}

/** The document, of one suite. */
export function junitOf(suite: string, cases: readonly JunitCase[]): string {
  const count = (kind: JunitCase['outcome']['kind']): number => cases.filter(({ outcome }) => outcome.kind === kind).length;
  const counts = `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${attribute(suite)}" ${counts} skipped="${count('skipped')}">`,
    ...cases.flatMap(caseLines),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}
