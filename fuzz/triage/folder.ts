// A finding's folder after its discovery: what triage adds to its report, its move to the root cause's name, and the merging of two that are one.
//
// Invariant: at every moment each finding's module is whole, under a name that triage finds again, with a report that can be read. Files are written beside
// and renamed; a folder that moves is renamed; of two that merge the one is emptied into the other file by file and removed last. What a killed
// triage leaves is what it began with, or a merge to be done again, which counts nothing twice: what was merged is known by its digest.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { addText, type FindingOnDisk, readFinding } from './finding.ts';

/** The module with the choices that made it, where a generator did. */
export const envelopeFile = 'envelope.wasm';
const others = 'others';

export interface StoredFinding {
  readonly path: string;
  readonly finding: FindingOnDisk;
  /** Name of the target whose generator made it. */
  readonly origin: string | undefined;
  readonly detail: string;
  readonly envelope: Uint8Array | undefined;
  /** Modules met with this signature, as far as folders tell. */
  readonly seen: number;
  /** Milliseconds since the epoch. */
  readonly first: number;
  readonly last: number;
  /** Signatures of discovery that were merged into it. */
  readonly aliases: readonly string[];
}

function writeWhole(path: string, content: string | Uint8Array): void {
  writeFileSync(`${path}.${process.pid}.tmp`, content);
  renameSync(`${path}.${process.pid}.tmp`, path);
}

type Report = Record<string, unknown>;

function readReport(path: string): Report {
  const report: unknown = JSON.parse(readFileSync(join(path, 'report.json'), 'utf8'));
  if (typeof report !== 'object' || report === null) throw new Error(`${path}: report.json is not a report`);
  return { ...report };
}

const textList = (value: unknown): string[] => (Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []);
const maybeNumber = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** A folder of findings' names: all that hold a report or a module, whether complete or not. */
export function findingFolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => join(folder, entry.name)).sort();
}

/** Reads one finding; throws, with the reason, what cannot be read. */
export function readStored(path: string): StoredFinding {
  const report = readReport(path);
  const finding = readFinding(path);
  const { origin, detail } = report;
  const envelope = join(path, envelopeFile);
  const file = statSync(join(path, finding.file));
  return {
    path,
    finding,
    origin: typeof origin === 'object' && origin !== null && 'target' in origin && typeof origin.target === 'string' ? origin.target : undefined,
    detail: typeof detail === 'string' ? detail : '',
    envelope: existsSync(envelope) ? new Uint8Array(readFileSync(envelope)) : undefined,
    seen: maybeNumber(report['seen']) ?? 1,
    first: maybeNumber(report['first']) ?? file.mtimeMs,
    last: maybeNumber(report['last']) ?? file.mtimeMs,
    aliases: textList(report['aliases']),
  };
}

/** Adds fields to a finding's report, in place of those of the same names. */
export function amend(path: string, fields: Report): void {
  writeWhole(join(path, 'report.json'), `${JSON.stringify({ ...readReport(path), ...fields }, undefined, 2)}\n`);
}

/** Writes a further file of a finding. */
export function attach(path: string, name: string, content: string): void {
  writeWhole(join(path, name), content);
}

const digestOf = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex');

/** What is counted in a finding: its own module and those merged into it, by digest. */
function membersOf(path: string, finding: FindingOnDisk): string[] {
  const known = textList(readReport(path)['members']);
  const own = digestOf(finding.bytes);
  return known.includes(own) ? known : [own, ...known];
}

/**
 * Gives a finding the signature of its root cause. If a finding has it already, the two become one: counted together, with the smaller module in front
 * and the other one among `others`. Answers the folder it now lies in, and whether it was merged.
 */
export async function refine(stored: StoredFinding, signature: string): Promise<{ readonly path: string; readonly isMerged: boolean }> {
  const { path, finding } = stored;
  if (finding.signature === signature && basename(path) === signature) return { path, isMerged: false };
  const target = join(dirname(path), signature);
  if (!existsSync(join(target, 'report.json'))) {
    const aliases = new Set([...stored.aliases, finding.signature]);
    aliases.delete(signature);
    amend(path, { signature, aliases: [...aliases].sort(), members: membersOf(path, finding), seen: stored.seen, first: stored.first, last: stored.last });
    renameSync(path, target);
    return { path: target, isMerged: false };
  }
  await merge(stored, readStored(target));
  return { path: target, isMerged: true };
}

/** Empties `from` into `into`. */
async function merge(from: StoredFinding, into: StoredFinding): Promise<void> {
  const members = membersOf(into.path, into.finding);
  const added = membersOf(from.path, from.finding).filter((digest) => !members.includes(digest));
  const known = new Set([...into.aliases, ...from.aliases, from.finding.signature]);
  known.delete(into.finding.signature);
  const counts = {
    aliases: [...known].sort(), members: [...members, ...added],
    // What was merged before, by a triage that did not get to its end, is not counted again.
    seen: into.seen + (added.length === 0 ? 0 : from.seen), first: Math.min(into.first, from.first), last: Math.max(into.last, from.last),
  };
  const isSmaller = from.finding.bytes.length < into.finding.bytes.length && from.finding.file === into.finding.file;
  const larger = isSmaller ? into : from;
  mkdirSync(join(into.path, others), { recursive: true });
  writeWhole(join(into.path, others, `${digestOf(larger.finding.bytes).slice(0, 12)}-${larger.finding.file}`), larger.finding.bytes);
  for (const name of existsSync(join(from.path, others)) ? readdirSync(join(from.path, others)) : []) writeWhole(join(into.path, others, name), readFileSync(join(from.path, others, name)));
  if (isSmaller) {
    writeWhole(join(into.path, from.finding.file), from.finding.bytes);
    if (from.envelope !== undefined) writeWhole(join(into.path, envelopeFile), from.envelope);
    else rmSync(join(into.path, envelopeFile), { force: true });
    amend(into.path, { ...readReport(from.path), signature: into.finding.signature, ...counts });
    await addText(into.path);
  } else amend(into.path, counts);
  rmSync(from.path, { recursive: true });
}
