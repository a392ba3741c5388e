// Fetches and builds the programs of recipes.ts into a cache folder: sources and target libraries through the system's own package sources (apt),
// compiled by an installed clang; modules of npm packages through npm. Every step is skipped when its result is there.
// Nothing is installed: packages are downloaded and unpacked beside the results. What the machine lacks is an EnvironmentError with its cure.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, matchesGlob } from 'node:path';
import { EnvironmentError, root } from '../frame.ts';
import { type ProgramRecipe, modulePackages } from './recipes.ts';

/** Where everything lies: `programs/NAME.wasm`, `modules/PACKAGE/….wasm`, and beneath it sources and tools. */
export const cache = join(root, '.cache', 'programs');

const largestModule = 10_000_000;

function execute(program: string, args: readonly string[], folder: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (error !== undefined) throw new EnvironmentError(`${program} does not start: ${error.message}`, `install ${program}`);
  if (status !== 0) throw new EnvironmentError(`${program} ${args.slice(0, 4).join(' ')} … failed:\n${stderr.slice(-2000)}`, 'see the message above; package sources must answer');
  return stdout;
}

function unpack(archive: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  execute('tar', ['xf', archive, '-C', folder], folder);
}

/** apt with lists of its own, that also name sources; the system's configuration stays untouched. */
function aptOptions(): readonly string[] {
  const folder = join(cache, 'apt');
  const lists = join(folder, 'lists');
  const list = join(folder, 'sources.list');
  const options = ['-o', `Dir::Etc::sourcelist=${list}`, '-o', 'Dir::Etc::sourceparts=/dev/null', '-o', `Dir::State::lists=${lists}`, '-o', 'Dir::Cache::pkgcache=', '-o', 'Dir::Cache::srcpkgcache='];
  if (existsSync(list)) return options;
  mkdirSync(join(lists, 'partial'), { recursive: true });
  const targets = execute('apt-get', ['indextargets', '--format', '$(SITE) $(RELEASE) $(COMPONENT) $(ORIGIN)', 'Created-By: Packages'], cache);
  const rows = targets.split('\n').map((line) => line.split(' ')).filter((row) => row[2] === 'main' && row[3] === 'Debian');
  const first = rows.find((row) => !/security|updates/.test(row[1] ?? ''));
  if (first === undefined) throw new EnvironmentError('apt knows no Debian archive', 'run apt-get update on a Debian system');
  const [site = '', release = ''] = first;
  writeFileSync(`${list}.new`, `deb ${site} ${release} main\ndeb-src ${site} ${release} main\n`);
  renameSync(`${list}.new`, list);
  execute('apt-get', [...options, 'update'], cache);
  return options;
}

interface Toolchain {
  readonly version: string;
  readonly sysroot: string;
  readonly resource: string;
}

/** An installed clang with its linker, and beside it wasi-libc, libc++ and the compiler's library for the target, unpacked privately. */
function toolchain(): Toolchain {
  const version = ['19', '16', '14'].find((n) => ['clang', 'wasm-ld'].every((tool) => spawnSync(`${tool}-${n}`, ['--version']).status === 0));
  if (version === undefined) throw new EnvironmentError('no clang with wasm-ld', 'apt-get install clang-19 lld-19');
  const folder = join(cache, `toolchain-${version}`);
  const target: Toolchain = { version, sysroot: join(folder, 'root', 'usr'), resource: join(folder, 'resource') };
  if (existsSync(target.resource)) return target;
  mkdirSync(folder, { recursive: true });
  const packages = ['wasi-libc', `libclang-rt-${version}-dev-wasm32`, `libc++-${version}-dev-wasm32`, `libc++abi-${version}-dev-wasm32`];
  execute('apt-get', [...aptOptions(), 'download', ...packages], folder);
  for (const file of readdirSync(folder)) if (file.endsWith('.deb')) execute('dpkg', ['-x', file, join(folder, 'root')], folder);
  const own = execute(`clang-${version}`, ['-print-resource-dir'], folder).trim();
  const made = `${target.resource}.new`;
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made);
  symlinkSync(join(own, 'include'), join(made, 'include'));
  const runtime = join(target.sysroot, 'lib', `llvm-${version}`, 'lib', 'clang');
  symlinkSync(join(runtime, readdirSync(runtime)[0] ?? version, 'lib'), join(made, 'lib'));
  renameSync(made, target.resource);
  return target;
}

/** The unpacked upstream tree of a Debian source package. */
function sourceTree(source: string): string {
  const folder = join(cache, 'sources', source);
  const tree = join(folder, 'tree');
  if (!existsSync(tree)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    execute('apt-get', [...aptOptions(), 'source', '--download-only', source], folder);
    const archive = readdirSync(folder).find((file) => file.includes('.orig.tar.'));
    if (archive === undefined) throw new EnvironmentError(`no upstream archive in the source package ${source}`, 'report it');
    unpack(join(folder, archive), `${tree}.new`);
    renameSync(`${tree}.new`, tree);
  }
  return join(tree, readdirSync(tree)[0] ?? '');
}

function expand(tree: string, patterns: readonly string[], without: readonly string[]): string[] {
  const found: string[] = [];
  for (const pattern of patterns) {
    const folder = dirname(pattern);
    for (const file of readdirSync(join(tree, folder)).sort()) {
      const path = folder === '.' ? file : `${folder}/${file}`;
      if (matchesGlob(path, pattern) && !without.some((other) => matchesGlob(path, other))) found.push(join(tree, path));
    }
  }
  return found;
}

export interface BuiltProgram {
  readonly name: string;
  readonly wasm: string;
  /** Folder to preopen: holds the files that the runs read. */
  readonly folder: string;
}

/** Builds one program, or finds it built. */
export function buildProgram(recipe: ProgramRecipe): BuiltProgram {
  const wasm = join(cache, 'programs', `${recipe.name}.wasm`);
  const folder = join(cache, 'programs', recipe.name);
  if (existsSync(wasm)) return { name: recipe.name, wasm, folder };
  const tools = toolchain();
  const tree = sourceTree(recipe.source);
  const headers = join(cache, 'headers', recipe.name);
  mkdirSync(headers, { recursive: true });
  for (const [name, text] of Object.entries(recipe.headers ?? {})) writeFileSync(join(headers, name), text);
  mkdirSync(folder, { recursive: true });
  for (const file of recipe.runs.flatMap((run) => run.files ?? [])) cpSync(join(tree, file), join(folder, basename(file)));
  const reactor = ['-mexec-model=reactor', '-Wl,--export-dynamic,--export=malloc,--export=free,--export-table,--growable-table'];
  execute(
    `${recipe.language === 'c' ? 'clang' : 'clang++'}-${tools.version}`,
    [
      '--target=wasm32-wasi', `--sysroot=${tools.sysroot}`, '-resource-dir', tools.resource, '-O2', '-w', '-Wl,--strip-all',
      ...(recipe.language === 'c++' ? ['-fno-exceptions', '-fno-rtti'] : []),
      ...(recipe.model === 'reactor' ? reactor : []),
      `-I${headers}`, ...recipe.includes.map((include) => `-I${join(tree, include)}`),
      ...expand(tree, recipe.files, recipe.without ?? []), ...recipe.flags, '-o', `${wasm}.new`,
    ],
    headers,
  );
  renameSync(`${wasm}.new`, wasm);
  return { name: recipe.name, wasm, folder };
}

function wasmFilesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.wasm')).sort();
}

/** Every module that a package's scripts hold as base64 text. */
function inlineModules(folder: string): Uint8Array[] {
  const modules = new Map<string, Uint8Array>();
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!/\.[cm]?js$/.test(file)) continue;
    for (const [text] of readFileSync(join(folder, file), 'utf8').matchAll(/AGFzbQ[A-Za-z0-9+/]{40,}={0,2}/g)) modules.set(text, Buffer.from(text, 'base64'));
  }
  return [...modules.values()];
}

/** Paths of the modules in an npm package (`name@version`), at most 10 MB each; inline ones are written out. */
export function fetchModules(named: string): readonly string[] {
  const folder = join(cache, 'modules', named.replaceAll('/', '+'));
  const extracted = join(folder, 'extracted');
  if (!existsSync(extracted)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    execute('npm', ['pack', named, '--silent', '--pack-destination', folder], folder);
    const archive = readdirSync(folder).find((file) => file.endsWith('.tgz'));
    if (archive === undefined) throw new EnvironmentError(`npm has no package ${named}`, 'the npm registry must answer');
    unpack(join(folder, archive), folder);
    mkdirSync(`${extracted}.new`);
    for (const file of wasmFilesBelow(join(folder, 'package'))) cpSync(join(folder, 'package', file), join(`${extracted}.new`, file.replaceAll('/', '+')));
    for (const [i, bytes] of inlineModules(join(folder, 'package')).entries()) writeFileSync(join(`${extracted}.new`, `inline-${i}.wasm`), bytes);
    renameSync(`${extracted}.new`, extracted);
  }
  return readdirSync(extracted).sort().map((file) => join(extracted, file)).filter((file) => readFileSync(file).length <= largestModule);
}

/** Modules of all packages, by package. */
export function fetchAllModules(progress: (text: string) => void): ReadonlyMap<string, readonly string[]> {
  return new Map(
    modulePackages.map((named) => {
      progress(`fetching ${named}`);
      return [named, fetchModules(named)];
    }),
  );
}
