// The corpora of a campaign on disk, in libFuzzer's layout: plain files in a folder, each named by the SHA-1 of its content.
//
//   corpus/TARGET/   envelopes (generate/envelope.ts): modules with the choices that made them
//   modules/         raw modules from anywhere, under any name: put there by hand, run when a session begins
//
// A file appears whole or not at all: it is written beside its place and renamed. Entries are never changed, so a name says all about the content.

import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export function sha1(bytes: Uint8Array): string {
  return hash('sha1', bytes, 'hex');
}

const isEntryName = (name: string): boolean => /^[0-9a-f]{40}$/.test(name);

export const corpusFolder = (folder: string, target: string): string => join(folder, 'corpus', target);
export const modulesFolder = (folder: string): string => join(folder, 'modules');

/** Writes a file so that nobody ever sees a part of it. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const partial = `${path}.${process.pid}.part`;
  writeFileSync(partial, content);
  renameSync(partial, path);
}

/** Writes an entry, if it is not there; answers its name. */
export function writeEntry(folder: string, bytes: Uint8Array): { readonly name: string; readonly isNew: boolean } {
  const name = sha1(bytes);
  const path = join(folder, name);
  if (existsSync(path)) return { name, isNew: false };
  mkdirSync(folder, { recursive: true });
  writeWhole(path, bytes);
  return { name, isNew: true };
}

/** Names of a folder's entries, sorted; none when there is no such folder. What killed writers left half done is removed. */
export function entryNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder);
  for (const name of names) if (name.endsWith('.part')) rmSync(join(folder, name), { force: true });
  return names.filter(isEntryName).sort();
}

/** Targets that have a corpus. */
export function corpusTargets(folder: string): string[] {
  const all = join(folder, 'corpus');
  return existsSync(all) ? readdirSync(all).sort() : [];
}

/** Files of a folder of raw modules, whatever they are called, sorted by name. */
export function rawModules(folder: string): string[] {
  const modules = modulesFolder(folder);
  return existsSync(modules) ? readdirSync(modules).sort().map((name) => join(modules, name)) : [];
}

/** Reads an entry; undefined when it is gone, or not what its name says. */
export function maybeReadEntry(folder: string, name: string): Uint8Array | undefined {
  const path = join(folder, name);
  if (!existsSync(path)) return undefined;
  const bytes = new Uint8Array(readFileSync(path));
  return sha1(bytes) === name ? bytes : undefined;
}
