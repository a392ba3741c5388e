// Rewrites package-lock.json from package.json, so that one lock file serves every machine: `npm run pin`, after changing a dependency.
//
// npm leaves two things undone. It drops optional packages of other platforms that the registry at hand lacks (mirrors often do), and `npm ci` then
// calls the lock incomplete; they are filled in here from the name, which by convention is platform, processor, C library. And it takes
// whatever version is allowed, so versions here must be exact. Addresses of registries stay out by the setting in .npmrc.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { root } from './frame.ts';

/** An entry of the lock file; only the fields that are read or written here. */
export type Locked = {
  version?: string;
  resolved?: string;
  integrity?: string;
  cpu?: string[];
  dev?: boolean;
  engines?: Record<string, string>;
  libc?: string[];
  license?: string;
  optional?: boolean;
  os?: string[];
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
};
export type LockFile = { packages: Record<string, Locked> };

const platforms = /(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-([a-z0-9]+)(?:-(\w+))?$/;

/** The packages that an entry asks for as optional and the lock does not name: [name, version, entry that asks]. */
export function missingPackages(lock: LockFile): [string, string, Locked][] {
  return Object.entries(lock.packages).flatMap(([path, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => {
        // Node's own search: below the package that asks, then upwards folder by folder.
        for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
          if (lock.packages[at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`] !== undefined) return false;
          if (at === '') return true;
        }
      })
      .map(([name, version]): [string, string, Locked] => [name, version, entry]),
  );
}

/** What the lock says of a package that the registry at hand lacks. Its platform keeps every other machine from asking for it. */
export function entryFor(name: string, version: string, asker: Locked): Locked {
  const found = platforms.exec(name);
  const [, system, processor, abi] = found ?? [];
  if (system === undefined || processor === undefined) throw new Error(`${name} is not named after a platform, so what it needs is unknown; use a registry that has it`);
  const libc = system !== 'linux' ? undefined : abi?.startsWith('musl') ? 'musl' : 'glibc';
  return {
    version,
    cpu: [processor],
    ...(asker.dev === true ? { dev: true } : {}),
    ...(libc === undefined ? {} : { libc: [libc] }),
    ...(asker.license === undefined ? {} : { license: asker.license }),
    optional: true,
    os: [system],
    ...(asker.engines === undefined ? {} : { engines: asker.engines }),
  };
}

/** Faults of a lock file and its manifest: what is not exact, not complete, or tells where it was downloaded. */
export function faultsOf(lock: LockFile): string[] {
  const top = lock.packages[''] ?? {};
  const asked = Object.entries({ ...top.dependencies, ...top.devDependencies, ...top.optionalDependencies });
  return [
    ...asked.filter(([, version]) => !/^(npm:[@\w/-]+@)?\d+\.\d+\.\d+$/.test(version)).map(([name, version]) => `${name}: '${version}' is not one exact version`),
    ...Object.entries(lock.packages).filter(([, entry]) => entry.resolved !== undefined).map(([path]) => `${path}: names the address it came from`),
    ...missingPackages(lock).map(([name, version]) => `${name}@${version}: asked for as optional, and missing`),
  ];
}

function main(): void {
  const path = `${root}package-lock.json`;
  const { status } = spawnSync('npm', ['install', '--package-lock-only'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    process.exitCode = 3;
    return;
  }
  const lock: LockFile = JSON.parse(readFileSync(path, 'utf8'));
  for (const [name, version, asker] of missingPackages(lock)) {
    lock.packages[`node_modules/${name}`] = entryFor(name, version, asker);
    process.stdout.write(`filled in ${name}@${version}, which the registry at hand lacks\n`);
  }
  lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  for (const fault of faultsOf(lock)) {
    process.stderr.write(`${fault}\n`);
    process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
