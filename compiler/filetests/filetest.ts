// A filetest: a file whose first lines say which stage it exercises, followed by cases, each an input and the exact output beneath it.
//
//   test optimise simplify           the stage and its words
//   option value                     any number of options, until the first empty line
//
//   ; a comment
//   function name(i32) -> i32 {      the input: from the first line that is no comment to the line that closes it
//   ...
//   }
//   ; expected output                the comment lines right behind it
//
// This file cuts texts and puts them together again; what a stage does is in stages.ts, where a stage is one row.

/** One input with what is expected of it. */
export interface FiletestCase {
  /** What the test is called. */
  readonly name: string;
  readonly input: string;
  /** Line of the file, counted from 1, on which the input begins. */
  readonly line: number;
  /** Expected lines, without comment marks. */
  readonly expected: readonly string[];
}

export interface Filetest {
  readonly stage: string;
  /** The words behind the stage. */
  readonly words: readonly string[];
  readonly options: ReadonlyMap<string, string>;
  readonly cases: readonly FiletestCase[];
  /** The file's text with these outputs, case by case, in place of the expectations. */
  withOutputs(outputs: readonly (readonly string[])[]): string;
}

const comment = ';';
const opens = /^function (\w+)/;

/** Cuts a file into header and cases; throws an `Error` that names the line of what cannot be read. */
export function readFiletest(text: string): Filetest {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const { stage, words, options, end } = readHeader(lines);
  const cases: FiletestCase[] = [];
  /** Per case, the first line of its expectation and the line behind. */
  const spans: (readonly [number, number])[] = [];
  for (let at = end; at < lines.length; at++) {
    const opening = opens.exec(lines[at] ?? '');
    if (opening === null) {
      if (lines[at] !== '' && !(lines[at] ?? '').startsWith(comment)) throw new Error(`line ${at + 1}: expected the beginning of a case`);
      continue;
    }
    const close = closingLine(lines, at);
    let behind = close + 1;
    while (behind < lines.length && (lines[behind] ?? '').startsWith(comment)) behind++;
    const expected = lines.slice(close + 1, behind).map((line) => line.slice(comment.length).replace(/^ /, ''));
    cases.push({ name: opening[1] ?? `line ${at + 1}`, input: `${lines.slice(at, close + 1).join('\n')}\n`, line: at + 1, expected });
    spans.push([close + 1, behind]);
    at = behind - 1;
  }
  if (cases.length === 0) throw new Error('no cases');
  const withOutputs = (outputs: readonly (readonly string[])[]): string => {
    const result: string[] = [];
    let from = 0;
    spans.forEach(([start, behind], i) => {
      result.push(...lines.slice(from, start), ...(outputs[i] ?? []).map((line) => (line === '' ? comment : `${comment} ${line}`)));
      from = behind;
    });
    result.push(...lines.slice(from), '');
    return result.join('\n');
  };
  return { stage, words, options, cases, withOutputs };
}

function readHeader(lines: readonly string[]): { stage: string; words: string[]; options: Map<string, string>; end: number } {
  const bare = (line: string): string => (line.startsWith(comment) ? line.slice(comment.length).trim() : line);
  const [word, stage, ...words] = bare(lines[0] ?? '').split(' ');
  if (word !== 'test' || stage === undefined) throw new Error('line 1: expected `test` and a stage');
  const options = new Map<string, string>();
  let end = 1;
  for (; end < lines.length && lines[end] !== ''; end++) {
    const [key = '', ...value] = bare(lines[end] ?? '').split(' ');
    options.set(key, value.join(' '));
  }
  return { stage, words, options, end };
}

/** The line that closes the case which opens on line `at`. */
function closingLine(lines: readonly string[], at: number): number {
  for (let line = at + 1; line < lines.length; line++) if ((lines[line] ?? '').startsWith('}')) return line;
  throw new Error(`line ${at + 1}: the case never closes`);
}
