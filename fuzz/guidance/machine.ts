// Whether libFuzzer loads on this machine, and how a process must be started so that it does.
//
// Its binary is built against glibc 2.38. Where the system's is older, a newer loader and C library may lie beside it (install.ts puts them there);
// Node is then started through that loader, and `process.execPath` is the loader.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Where a newer C library is unpacked. */
export const libraryFolder = join(root, '.cache', 'newer-libc');

const neededLibrary = [2, 38] as const;

/** Folders of Debian's multiarch layout, by processor. */
export const multiarch: Readonly<Record<string, { readonly folder: string; readonly loader: string; readonly debian: string } | undefined>> = {
  x64: { folder: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2', debian: 'amd64' },
  arm64: { folder: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1', debian: 'arm64' },
};

export type Guidance =
  | { readonly available: true; readonly how: string; /** The program and the arguments that stand before a script's. */ readonly command: readonly [string, ...string[]] }
  | { readonly available: false; readonly reason: string; readonly cure: string };

/** The C library's version as Node sees it; undefined where it is another one. */
export function maybeLibraryVersion(): string | undefined {
  const report: unknown = process.report.getReport();
  const header: unknown = typeof report === 'object' && report !== null ? Reflect.get(report, 'header') : undefined;
  const version: unknown = typeof header === 'object' && header !== null ? Reflect.get(header, 'glibcVersionRuntime') : undefined;
  return typeof version === 'string' ? version : undefined;
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > neededLibrary[0] || (major === neededLibrary[0] && minor >= neededLibrary[1]);
}

const nodeOptions = ['--disable-wasm-trap-handler', '--disable-warning=ExperimentalWarning'] as const;

/** The newer loader that lies beside the system's, if it does. */
export function maybeNewerLoader(): { readonly loader: string; readonly libraries: string } | undefined {
  const layout = multiarch[process.arch];
  if (layout === undefined) return undefined;
  const libraries = join(libraryFolder, 'usr', 'lib', layout.folder);
  const loader = join(libraries, layout.loader);
  return existsSync(loader) ? { loader, libraries } : undefined;
}

/** Starts the Node that runs this process, the way guided fuzzing needs it but without libFuzzer. */
export const commandWithoutLibFuzzer: readonly [string, ...string[]] = [process.execPath, ...nodeOptions];

/** How libFuzzer runs here, or why it does not. */
export function guidanceHere(): Guidance {
  const addon = join(root, 'node_modules', '@jazzer.js', 'fuzzer', 'prebuilds', `fuzzer-${process.platform}-${process.arch}.node`);
  if (!existsSync(addon)) return { available: false, reason: '@jazzer.js/fuzzer is not installed, or has no binary for this machine', cure: 'remove node_modules and start again; Linux on x86-64 or AArch64 has a binary' };
  // A process that runs through a newer loader already must start others the same way.
  const node = join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
  const newer = maybeNewerLoader();
  if (newer !== undefined) return { available: true, how: 'through the newer C library in .cache', command: [newer.loader, '--library-path', newer.libraries, node, ...nodeOptions] };
  const version = maybeLibraryVersion();
  if (version === undefined) return { available: false, reason: 'libFuzzer needs glibc, and this system has another C library', cure: 'use a system with glibc 2.38 or later' };
  if (isNewEnough(version)) return { available: true, how: `glibc ${version}`, command: [node, ...nodeOptions] };
  return { available: false, reason: `libFuzzer needs glibc 2.38 and this system has ${version}`, cure: 'assay doctor --install-guidance, which unpacks a newer C library into .cache (Debian), or use a system that has it' };
}
