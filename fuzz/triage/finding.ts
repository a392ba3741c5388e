// Findings on disk: one folder per signature under `crashes/`, with the module first and everything else after it.
//
// repro.wasm is written before anything is made of the finding, so that nothing that goes wrong later can lose it. A second module with a known signature
// is a duplicate: it is counted, and takes the first one's place only if it is smaller.

import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { maybePrintText } from '../wast/text.ts';

export interface Finding {
  readonly signature: string;
  readonly kind: string;
  /** The engine that stands alone, where there is one. */
  readonly odd: string | undefined;
  readonly level: string | undefined;
  readonly detail: string;
  /** How each engine ended, in one line. */
  readonly engines: Readonly<Record<string, string>>;
  /** What made the module: target, campaign seed and number, and for the neighbour of a corpus entry, or the mutant of one or of a file, that one's name; absent for modules from elsewhere. */
  readonly origin: { readonly target: string; readonly seed: number; readonly number: number; readonly neighbourOf?: string; readonly mutantOf?: string } | undefined;
  /** The target that reads `file` again; absent for modules. */
  readonly target?: string;
  /** What the case is called in the folder; absent for `repro.wasm`. */
  readonly file?: string;
}

const moduleFile = 'repro.wasm';

function writeWhole(path: string, content: string | Uint8Array): void {
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, content);
  renameSync(partial, path);
}

/** Saves a finding; answers its folder, whether its signature was new, and whether its module was written: also when a smaller one came. */
export function saveFinding(folder: string, finding: Finding, bytes: Uint8Array): { readonly path: string; readonly isNew: boolean; readonly isWritten: boolean } {
  const path = join(folder, finding.signature);
  const file = join(path, finding.file ?? moduleFile);
  // The report is written last: without it, whoever was saving this has died over it.
  const isNew = !existsSync(file) || !existsSync(join(path, 'report.md'));
  const isWritten = isNew || statSync(file).size > bytes.length;
  if (isWritten) {
    mkdirSync(path, { recursive: true });
    writeWhole(file, bytes);
    writeWhole(join(path, 'report.json'), `${JSON.stringify({ ...finding, bytes: bytes.length }, undefined, 2)}\n`);
    writeWhole(join(path, 'report.md'), reportText(finding, bytes));
  }
  return { path, isNew, isWritten };
}

/** Adds what a closer look has found to a finding's report: the exact stage, the guilty rule, the evidence. */
export function addLocation(path: string, location: { readonly level: string; readonly rule: string | undefined; readonly evidence: string | undefined }): void {
  const report: unknown = JSON.parse(readFileSync(join(path, 'report.json'), 'utf8'));
  if (typeof report !== 'object' || report === null) throw new Error(`${path}: not a report`);
  writeWhole(join(path, 'report.json'), `${JSON.stringify({ ...report, location }, undefined, 2)}\n`);
  const lines = [`First differing stage: \`${location.level}\`${location.rule === undefined ? '' : `, by the rule \`${location.rule}\``}.`, ...(location.evidence === undefined ? [] : ['', location.evidence]), ''];
  writeWhole(join(path, 'report.md'), `${readFileSync(join(path, 'report.md'), 'utf8')}\n${lines.join('\n')}`);
}

/** Adds the module's text to a finding's folder, where it holds a module and that has a text. */
export async function addText(path: string): Promise<void> {
  if (!existsSync(join(path, moduleFile))) return;
  const text = await maybePrintText(new Uint8Array(readFileSync(join(path, 'repro.wasm'))));
  if (text !== undefined) writeWhole(join(path, 'repro.wat'), text);
}

function madeBy({ target, seed, number, neighbourOf, mutantOf }: NonNullable<Finding['origin']>): string {
  if (mutantOf !== undefined) return `It is a mutant of \`${mutantOf}\`, a corpus entry or a file; no choices make it.`;
  return neighbourOf === undefined
    ? `It is number ${number} of target \`${target}\` with seed ${seed}.`
    : `It is a neighbour of the corpus entry ${neighbourOf} of target \`${target}\`; \`envelope.wasm\` holds the choices that make it.`;
}

function reportText(finding: Finding, bytes: Uint8Array): string {
  const { signature, kind, odd, level, detail, engines, origin } = finding;
  const lines = [
    `# ${signature}`,
    '',
    `${odd === undefined ? 'Engines disagree' : `\`${odd}\` stands alone`}: ${kind}${level === undefined ? '' : `, first at level \`${level}\``}.`,
    '',
    '```',
    detail,
    '```',
    '',
    '| engine | outcome |',
    '|---|---|',
    ...Object.entries(engines).map(([engine, outcome]) => `| ${engine} | ${outcome.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ')} |`),
    '',
    finding.file === undefined ? `The module (${bytes.length} bytes) is \`repro.wasm\`; \`repro.wat\` is the same as text.` : `The case (${bytes.length} bytes) is \`${finding.file}\`.`,
    ...(origin === undefined ? [] : [madeBy(origin)]),
    '',
    'See it again:',
    '',
    '```',
    `./scripts/assay replay crashes/${signature}`,
    ...(finding.file === undefined ? [`./scripts/assay diff crashes/${signature}/repro.wasm`] : []),
    '```',
    '',
  ];
  return lines.join('\n');
}

const strings = (value: unknown): value is Record<string, string> => typeof value === 'object' && value !== null && Object.values(value).every((entry) => typeof entry === 'string');

export interface FindingOnDisk {
  readonly signature: string;
  readonly kind: string;
  readonly odd: string | undefined;
  readonly engines: readonly string[];
  /** The target that runs it again; undefined for a module. */
  readonly target: string | undefined;
  readonly origin: Finding['origin'];
  readonly file: string;
  readonly bytes: Uint8Array;
}

function maybeOrigin(report: object): Finding['origin'] {
  const origin: unknown = Reflect.get(report, 'origin');
  if (typeof origin !== 'object' || origin === null) return undefined;
  const { target, seed, number }: Record<string, unknown> = { ...origin };
  return typeof target === 'string' && typeof seed === 'number' && typeof number === 'number' ? { target, seed, number } : undefined;
}

/** Reads a finding's report back; throws when the folder holds none. */
export function readFinding(path: string): FindingOnDisk {
  const report: unknown = JSON.parse(readFileSync(join(path, 'report.json'), 'utf8'));
  if (typeof report !== 'object' || report === null || !('signature' in report) || !('kind' in report) || !('engines' in report)) throw new Error(`${path}: not a report`);
  const { signature, kind, engines } = report;
  if (typeof signature !== 'string' || typeof kind !== 'string' || !strings(engines)) throw new Error(`${path}: not a report`);
  const word = (name: string): string | undefined => {
    const value: unknown = Reflect.get(report, name);
    return typeof value === 'string' ? value : undefined;
  };
  const file = word('file') ?? moduleFile;
  return { signature, kind, odd: word('odd'), engines: Object.keys(engines), target: word('target'), origin: maybeOrigin(report), file, bytes: new Uint8Array(readFileSync(join(path, file))) };
}
