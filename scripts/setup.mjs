// @ts-check
// Set-up: brings node_modules to what package-lock.json names. Plain JavaScript, because it runs on whatever Node (20 or later) the machine has,
// before the pinned one is there. Started by scripts/assay, which lets in one process at a time.
//
// Leaves: node_modules as locked, and in it a copy of the lock file, the stamp by which the launcher knows that nothing is left to do. The stamp is
// written last, so an interrupted set-up is simply done again.
// Exit codes: 0 done, 3 not possible on this machine; standard error then says what, where, and how to mend it.

import { spawn } from 'node:child_process';
import { accessSync, constants, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const lockFile = join(root, 'package-lock.json');
const modules = join(root, 'node_modules');
const stamp = join(modules, '.assay-lock');
const ownCache = join(root, '.cache', 'npm');
const environmentExit = 3;

/** @param {string} line */
const say = (line) => process.stderr.write(`assay: ${line}\n`);

/** @param {string} path @returns {Record<string, { version: string, integrity?: string, optional?: boolean }>} */
const packagesOf = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;

/**
 * Whether node_modules already holds what the lock names, by npm's own record of what it unpacked, and each package has its folder. Optional packages are those of other
 * platforms as well, so they may be absent; the Node of this one may not.
 */
const installed = () => {
  const record = join(modules, '.package-lock.json');
  if (!existsSync(record) || !existsSync(join(modules, `node-linux-${process.arch}`, 'bin', 'node'))) return false;
  const present = packagesOf(record);
  return Object.entries(packagesOf(lockFile)).every(([path, wanted]) => {
    const found = present[path];
    if (path === '') return true;
    if (found === undefined || !existsSync(join(root, path))) return wanted.optional === true;
    return found.version === wanted.version && (found.integrity === wanted.integrity || wanted.integrity === undefined);
  });
};

/** @param {string} path */
const writable = (path) => {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

/** What npm's complaint means for the reader: the first row whose pattern is found in npm's output. */
const causes = [
  { pattern: /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|network/i,
    what: 'no package registry answers',
    cure: "connect this machine, or name a registry or proxy it can reach ('npm config set registry ADDRESS', 'npm config set proxy ADDRESS')" },
  { pattern: /E40[13]\b|E407\b/,
    what: 'the package registry refuses this machine',
    cure: "look at 'npm config list' for the registry and the credentials it is given" },
  { pattern: /E404\b|ETARGET/,
    what: 'the package registry lacks a package that package-lock.json names',
    cure: 'use a registry that mirrors everything' },
  { pattern: /EINTEGRITY/,
    what: 'a downloaded package is not the one that package-lock.json names',
    cure: "clear npm's cache ('npm cache clean --force') and try again; if it stays so, do not trust the registry" },
  { pattern: /EACCES|EPERM|EROFS/,
    what: 'a file cannot be written',
    cure: 'run as the user who owns this folder, or make a clone of your own' },
  { pattern: /ENOSPC|EDQUOT/,
    what: 'the disk is full',
    cure: 'free about 1 GB' },
  { pattern: /EUSAGE/,
    what: 'package.json and package-lock.json do not belong together',
    cure: "restore both from git, or, after changing a dependency, run 'npm run pin'" },
];

/** Fails with exit code 3. @param {string} what @param {string} where @param {string} cure @returns {never} */
const stop = (what, where, cure) => {
  say(`set-up is not possible: ${what}`);
  say(`  where: ${where}`);
  say(`  mend:  ${cure}`);
  process.exit(environmentExit);
};

/** Runs npm and answers with its exit code and everything it printed. @param {string[]} args @returns {Promise<{ code: number, output: string }>} */
const npm = (args) =>
  new Promise((resolve) => {
    let output = '';
    const child = spawn('npm', args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { output += text; });
    child.on('error', (error) => resolve({ code: 1, output: String(error) }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });

const main = async () => {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    stop(`Node ${process.versions.node} is too old`, process.execPath, 'install any Node from version 20 on, with npm');
  }
  if (!installed()) {
    if (!writable(root)) stop('a file cannot be written', root, 'run as the user who owns this folder, or make a clone of your own');
    const usualCache = process.env['npm_config_cache'] ?? join(homedir(), '.npm');
    const cache = writable(usualCache) ? usualCache : ownCache;
    const count = Object.values(packagesOf(lockFile)).filter((entry) => entry.optional !== true).length;
    say(`set-up: installing the ${count} packages that package-lock.json names into ${modules} (once; about 550 MB)`);
    const began = Date.now();
    // Development packages are part of the lab, whatever NODE_ENV or the user's npm configuration says; install scripts stay off (.npmrc).
    const args = ['ci', '--include=dev', '--include=optional', '--prefer-offline', '--no-progress', '--loglevel=error', `--cache=${cache}`,
      '--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
    const { code, output } = await npm(args);
    if (cache === ownCache) rmSync(ownCache, { recursive: true, force: true });
    if (code !== 0) {
      // npm's own words, without the stack of its program.
      const words = output.split('\n').filter((line) => line.trim() !== '' && !/^npm error\s+(at |$)/.test(line));
      process.stderr.write(words.map((line) => `  ${line}\n`).join(''));
      const cause = causes.find(({ pattern }) => pattern.test(output)) ?? { what: `npm ci failed with exit code ${code}`, cure: "run 'npm ci' here and read what it says" };
      const registry = (await npm(['config', 'get', 'registry'])).output.trim().split('\n').at(-1);
      stop(cause.what, `${root} with the registry ${registry}`, cause.cure);
    }
    if (!installed()) stop('npm ci ended well but left packages out', modules, "remove node_modules and try again; see that npm's 'omit' is not set");
    say(`set-up: done in ${((Date.now() - began) / 1000).toFixed(0)} s`);
  }
  // A folder that belongs to somebody else stays as it is: everything is there, only the look takes longer each time.
  if (!writable(modules)) return;
  // Some versions of npm lose this link, since two packages (one for each processor) lay claim to it; npm scripts and npx find the pinned Node by it.
  const link = join(modules, '.bin', 'node');
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(join('..', `node-linux-${process.arch}`, 'bin', 'node'), link);
  copyFileSync(lockFile, stamp);
};

await main();
