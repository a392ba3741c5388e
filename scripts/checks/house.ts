// The files of this repository, as tests about documents and sources see them.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../frame.ts';

/** Paths of all files that belong to the repository or are about to, relative to its root, sorted; ignored files are not among them. */
export function houseFiles(): string[] {
  // The clone may belong to another user than the one who tests it, which git would otherwise refuse to look at.
  const args = ['-c', 'safe.directory=*', '-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = execFileSync('git', args, { encoding: 'utf8', maxBuffer: 1 << 28 }).split('\0').filter((path) => path !== '');
  return [...new Set(listed)].filter((path) => existsSync(join(root, path))).toSorted();
}

/** A file's text, or undefined for one that is not text. */
export function maybeText(path: string): string | undefined {
  const bytes = readFileSync(join(root, path));
  return bytes.subarray(0, 8000).includes(0) ? undefined : bytes.toString('utf8');
}
