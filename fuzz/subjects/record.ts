// Defects on disk, one text module each: `corpus/subjects/NAME/SIGNATURE.wat`, with what was expected and what came in its first lines.
// Written whole or not at all. A smaller module with a known signature takes the first one's place.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { maybePrintText } from '../wast/text.ts';
import type { Defect } from './defect.ts';

export interface RecordedDefect extends Defect {
  readonly subject: string;
  readonly version: string;
  readonly instructions: number;
  /** How often each export is called. */
  readonly rounds: number;
  /** What the references did, against what the subject did. */
  readonly detail: string;
}

const fields = ['subject', 'version', 'difference', 'message', 'culprits', 'instructions', 'rounds', 'detail'] as const;

/** Saves a defect with its module; answers whether it was new or smaller. */
export async function saveDefect(folder: string, defect: RecordedDefect, bytes: Uint8Array): Promise<boolean> {
  const path = join(folder, `${defect.signature}.wat`);
  const known = existsSync(path) ? readDefect(path) : undefined;
  if (known !== undefined && known.instructions <= defect.instructions) return false;
  const text = await maybePrintText(bytes);
  if (text === undefined) throw new Error(`no text for the module of ${defect.signature}`);
  const said: Readonly<Record<(typeof fields)[number], string>> = {
    subject: defect.subject, version: defect.version, difference: defect.difference, message: defect.message, culprits: defect.culprits.join(' '),
    instructions: String(defect.instructions), rounds: String(defect.rounds), detail: defect.detail.replaceAll(/\s*\n\s*/g, ' / '),
  };
  mkdirSync(folder, { recursive: true });
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, `${fields.map((field) => `;; ${field}: ${said[field]}`).join('\n')}\n${text}`);
  renameSync(partial, path);
  return known === undefined;
}

/** Reads a defect's first lines; throws when they are not what `saveDefect` writes. */
export function readDefect(path: string): RecordedDefect & { readonly text: string } {
  const text = readFileSync(path, 'utf8');
  const field = (name: (typeof fields)[number]): string => {
    const value = new RegExp(`^;; ${name}: (.*)$`, 'm').exec(text)?.[1];
    if (value === undefined) throw new Error(`${path}: no line ';; ${name}: …'`);
    return value;
  };
  return {
    signature: path.replace(/^.*\//, '').replace(/\.wat$/, ''),
    subject: field('subject'), version: field('version'), difference: field('difference'), message: field('message'),
    culprits: field('culprits').split(' '), instructions: Number(field('instructions')), rounds: Number(field('rounds')), detail: field('detail'), text,
  };
}

/** All defects in a folder, by signature. */
export function readDefects(folder: string): (RecordedDefect & { readonly text: string })[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.endsWith('.wat')).sort().map((name) => readDefect(join(folder, name)));
}
