// What a document claims about the house by naming it: files, folders, verbs, npm scripts, identifiers. All of it is written as code (between
// backquotes, in fenced blocks) or as a link; prose is left alone.

import { dirname, join, normalize } from 'node:path';

/** What claims are held against. `words` are all identifiers that occur in sources. */
export type House = {
  readonly files: readonly string[];
  readonly verbs: ReadonlySet<string>;
  readonly npmScripts: ReadonlySet<string>;
  readonly words: ReadonlySet<string>;
};

const pathForm = /^(?:\.{1,2}\/)*[\w.@-]+(?:\/[\w.@-]+)*\/?$/;
const fileExtension = /\w\.(?:ts|mjs|md|ir|vcode|yml)$/;
/** camelCase or PascalCase with at least one capital inside; shorter words are too often plain English or wasm. */
const identifierForm = /^[A-Za-z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+$/;
/** Names of files that programs write at run time, beside what they are about. */
const writtenLater = new Set(['report.md', 'candidate.ir']);
/** Folders that are there only after a run, or outside the repository. */
const elsewhere = /^(?:node_modules|crashes|\.cache)\/|^(?:\.\.\/)+shared\//;

function exists(path: string, document: string, house: House): boolean {
  const isFolder = path.endsWith('/');
  const bare = normalize(path).replace(/\/$/, '');
  const fromDocument = normalize(join(dirname(document), bare));
  const matches = (file: string, wanted: string): boolean => (!isFolder && file === wanted) || file.startsWith(`${wanted}/`);
  return house.files.some((file) => matches(file, fromDocument) || matches(file, bare) || `/${file}`.endsWith(`/${bare}`) || `/${file}`.includes(`/${bare}/`));
}

/** Whether a code span is meant as a path of this repository: it names a file by extension, or begins with one of the rooms, or is relative. */
function isPath(span: string, house: House): boolean {
  if (!pathForm.test(span) || elsewhere.test(span) || writtenLater.has(span)) return false;
  if (fileExtension.test(span) || span.startsWith('./') || span.startsWith('../')) return true;
  const [top = '', ...rest] = span.split('/');
  return rest.length > 0 && house.files.some((file) => file.startsWith(`${top}/`));
}

function commandFaults(line: string, house: House): string[] {
  const faults: string[] = [];
  for (const [, verb = ''] of line.matchAll(/scripts\/assay ([a-z][a-z-]*)/g)) {
    if (!house.verbs.has(verb) && verb !== 'help') faults.push(`there is no verb '${verb}'`);
  }
  for (const [, script = ''] of line.matchAll(/npm run ([a-z][\w:-]*)/g)) {
    if (!house.npmScripts.has(script)) faults.push(`package.json has no script '${script}'`);
  }
  return faults;
}

/** Everything that `document` (its path) names in `text` and the house does not have, with line numbers from 1. */
export function falseClaims(document: string, text: string, house: House): string[] {
  const faults: string[] = [];
  let isFenced = false;
  text.split('\n').forEach((line, index) => {
    const fault = (what: string): void => void faults.push(`${document}:${index + 1}: ${what}`);
    if (/^\s*```/.test(line)) {
      isFenced = !isFenced;
      return;
    }
    for (const what of commandFaults(line, house)) fault(what);
    if (isFenced) return;
    for (const [, span = ''] of line.matchAll(/`([^`]+)`/g)) {
      const name = span.replace(/\(.*\)$/, '');
      if (isPath(span, house)) {
        if (!exists(span, document, house)) fault(`there is no '${span}'`);
      } else if (identifierForm.test(name) && !house.words.has(name)) {
        fault(`no source has the name '${name}'`);
      }
    }
    for (const [, target = ''] of line.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (!/^[a-z]+:/.test(target) && !exists(target, document, house)) fault(`the link to '${target}' leads nowhere`);
    }
  });
  return faults;
}

/** Rooms down to two levels that hold files and have no README. Folders below `crashes/` are findings, not rooms. */
export function roomsWithoutReadme(files: readonly string[]): string[] {
  const rooms = new Set<string>();
  for (const file of files) {
    const [top, second, ...rest] = file.split('/');
    if (top === undefined || second === undefined || top.startsWith('.')) continue;
    rooms.add(top);
    if (rest.length > 0 && top !== 'crashes') rooms.add(`${top}/${second}`);
  }
  return [...rooms].filter((room) => !files.includes(`${room}/README.md`)).toSorted();
}
