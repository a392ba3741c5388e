// Fetches the official specification scripts, at the one commit this repository is written against, to where the tests look for them.
// The folder is filled under another name and renamed at the end, so an interrupted fetch leaves nothing that looks complete.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { EnvironmentError, newVerb, print, printJson, root } from './frame.ts';

const repository = 'https://github.com/WebAssembly/testsuite';
const commit = '193e551ff22663995b1ac95dc62344133669e14b';

/** Runs git in `folder`; throws with git's own words where it fails. */
function git(folder: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync('git', ['-C', folder, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (error !== undefined) throw new EnvironmentError(`git does not start: ${error.message}`, 'apt-get install git');
  if (status !== 0) {
    throw new EnvironmentError(`git ${args[0] ?? ''} failed: ${stderr.trim()}`, `see that this machine reaches ${repository}, or copy the scripts and name their folder in WASM_TESTSUITE`);
  }
  return stdout.trim();
}

export function command(): Command {
  return newVerb('fetch-testsuite')
    .argument('[folder]', 'where to put the scripts (default: WASM_TESTSUITE, or shared/wasm-testsuite beside the repository)')
    .action((folder: string | undefined, options: { json?: true }) => {
      const target = resolve(folder ?? process.env['WASM_TESTSUITE'] ?? `${root}../shared/wasm-testsuite`);
      const isFetched = !existsSync(target) || readdirSync(target).length === 0;
      if (isFetched) {
        const partial = `${target}.partial`;
        try {
          mkdirSync(dirname(target), { recursive: true });
          rmSync(partial, { recursive: true, force: true });
          mkdirSync(partial);
        } catch (error) {
          throw new EnvironmentError(`cannot write beside ${target}: ${error instanceof Error ? error.message : String(error)}`, 'give another folder, and name it in WASM_TESTSUITE');
        }
        try {
          git(partial, 'init', '--quiet');
          git(partial, 'fetch', '--quiet', '--depth=1', repository, commit);
          git(partial, 'checkout', '--quiet', 'FETCH_HEAD');
          if (existsSync(target)) rmSync(target, { recursive: true });
          renameSync(partial, target);
        } finally {
          rmSync(partial, { recursive: true, force: true });
        }
      }
      const scripts = readdirSync(target).filter((name) => name.endsWith('.wast')).length;
      if (options.json) printJson({ folder: target, commit, scripts, fetched: isFetched });
      else print(`${isFetched ? `fetched ${commit}` : 'already there'}: ${scripts} scripts at the top level of ${target}`);
    });
}
