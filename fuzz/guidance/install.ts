// Puts a newer C library beside the system's, for guidance on Debian systems whose own is too old.

import { type Installed, unpackFromLaterRelease } from './later-release.ts';
import { libraryFolder } from './machine.ts';

/** Packages of the C library and what stands on it. */
export const libraryPackages = ['libc6', 'libstdc++6', 'libgcc-s1'] as const;

/** Fetches and unpacks the packages. `say` hears of each step. */
export function installNewerLibrary(say: (line: string) => void): Installed {
  return unpackFromLaterRelease(libraryPackages, libraryFolder, say);
}
