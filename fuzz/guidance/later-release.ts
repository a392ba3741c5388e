// Packages of a later Debian release than the machine's, unpacked into a folder. Nothing of the system changes.
//
// apt itself fetches the packages and checks their signatures, from a list of its own below that folder: the machine's mirrors, with the name of the later release
// in the place of the machine's. dpkg-deb unpacks them.

import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { multiarch } from './machine.ts';

/** The first Debian release whose C library is new enough for libFuzzer's binary. */
const release = 'trixie';
const patienceMs = 300_000;

/** Mirrors of the main archive that this machine uses, with the key that signs them: from one-line and deb822 lists. */
export function mirrorsOf(lists: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const addresses = (words: string): string[] => words.split(/\s+/).filter((word) => /^https?:\/\/\S+\/debian\/?$/.test(word));
  for (const text of lists) {
    for (const line of text.matchAll(/^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+\S+.*$/gm)) for (const address of addresses(line[1] ?? '')) found.add(address);
    for (const line of text.matchAll(/^URIs:(.*)$/gm)) for (const address of addresses(line[1] ?? '')) found.add(address);
  }
  return [...found];
}

export type Installed = { readonly ok: true; readonly found: string } | { readonly ok: false; readonly reason: string };

function run(program: string, args: readonly string[], cwd: string): string | undefined {
  const { status, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: patienceMs, stdio: ['ignore', 'ignore', 'pipe'] });
  if (status === 0) return undefined;
  return `${program} ${args.at(-1) ?? ''}: ${error?.message ?? stderr.trim().split('\n').at(-1) ?? `exit code ${status ?? '?'}`}`;
}

/** Fetches packages and unpacks them into a folder, which is emptied first. `say` hears of each step. */
export function unpackFromLaterRelease(packages: readonly string[], folder: string, say: (line: string) => void): Installed {
  const layout = multiarch[process.arch];
  if (layout === undefined) return { ok: false, reason: `no packages are known for ${process.arch}` };
  const lists = globSync('/etc/apt/{sources.list,sources.list.d/*.list,sources.list.d/*.sources}').map((path) => readFileSync(path, 'utf8'));
  const [mirror] = mirrorsOf(lists);
  if (mirror === undefined) return { ok: false, reason: 'apt on this machine names no Debian mirror' };
  const key = '/usr/share/keyrings/debian-archive-keyring.gpg';
  if (!existsSync(key)) return { ok: false, reason: `${key} is absent: apt-get install debian-archive-keyring` };

  const work = join(folder, 'apt');
  rmSync(folder, { recursive: true, force: true });
  for (const name of ['lists/partial', 'cache/archives/partial', 'state']) mkdirSync(join(work, name), { recursive: true });
  writeFileSync(join(work, 'state', 'status'), '');
  writeFileSync(join(work, 'sources.list'), `deb [arch=${layout.debian} signed-by=${key}] ${mirror} ${release} main\n`);
  const options = {
    'Dir::Etc::sourcelist': join(work, 'sources.list'), 'Dir::Etc::sourceparts': '-', 'Dir::State': join(work, 'state'), 'Dir::State::lists': join(work, 'lists'),
    'Dir::State::status': join(work, 'state', 'status'), 'Dir::Cache': join(work, 'cache'), 'APT::Architecture': layout.debian, 'Acquire::Retries': '2', 'APT::Sandbox::User': '',
  };
  const args = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  say(`reading the list of ${release}`);
  const unread = run('apt-get', [...args, '-qq', 'update'], work);
  if (unread !== undefined) return { ok: false, reason: unread };
  say(`fetching ${packages.join(', ')}`);
  const unfetched = run('apt-get', [...args, '-qq', 'download', ...packages], work);
  if (unfetched !== undefined) return { ok: false, reason: unfetched };
  for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
    const failed = run('dpkg-deb', ['-x', join(work, file), folder], work);
    if (failed !== undefined) return { ok: false, reason: failed };
  }
  const found = readdirSync(work).filter((name) => name.endsWith('.deb')).join(', ');
  rmSync(work, { recursive: true, force: true });
  return { ok: true, found };
}
