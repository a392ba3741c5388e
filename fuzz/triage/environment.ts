// Where a finding was seen: what a reader on another machine needs in order to judge why it does or does not show there.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Engine } from '../oracles/engine.ts';

export interface Environment {
  readonly node: string;
  readonly v8: string;
  readonly system: string;
  readonly cpu: string;
  /** As the system names them; empty where it does not. */
  readonly cpuFeatures: readonly string[];
  readonly engines: Readonly<Record<string, string>>;
  /** The commit of the sources, with `+` behind it if they have changed since; undefined outside a repository. */
  readonly commit?: string;
}

/** The features that code generation or the lab ask about. */
const asked = /^(?:sse\w*|ssse3|avx\w*|bmi[12]|lzcnt|abm|popcnt|fma|asimd\w*|atomics|fp|zb[abcs])$/;

function cpuFeatures(): string[] {
  try {
    const line = /^(?:flags|Features|isa)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
    return [...new Set(line.split(/\s+/).flatMap((word) => (word.startsWith('rv') ? word.split('_') : [word])).filter((word) => asked.test(word)))].sort();
  } catch {
    return [];
  }
}

function maybeCommit(): string | undefined {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const git = (...args: string[]): string => execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return `${git('rev-parse', 'HEAD')}${git('status', '--porcelain', '--', 'compiler', 'interpreter', 'fuzz') === '' ? '' : '+'}`;
  } catch {
    return undefined;
  }
}

let known: Omit<Environment, 'engines'> | undefined;

/** This machine and these engines. */
export function environmentOf(engines: readonly Engine[]): Environment {
  if (known === undefined) {
    const commit = maybeCommit();
    known = {
      node: process.version, v8: process.versions.v8, system: `${process.platform} ${process.arch} ${release()}`, cpu: cpus()[0]?.model ?? 'unknown', cpuFeatures: cpuFeatures(),
      ...(commit === undefined ? {} : { commit }),
    };
  }
  return { ...known, engines: Object.fromEntries(engines.map(({ name, version }) => [name, version])) };
}
