// Resolves a module's imports: finds each one and checks its type against the declared one (standard, 4.5.4 "Instantiation"; 3.2.8 "Import Subtyping").

import type { ExternType, Import, Limits, Manifest } from '../contract/manifest.ts';
import { bug, unreachable } from '../base/errors.ts';
import type { RuntimeExtern } from './externs.ts';
import { signatureKey } from './module.ts';

/** Answers what stands behind an import: undefined when nothing does, `mismatch` when it is something no module here can use. */
export type ImportSource = (module: string, name: string) => RuntimeExtern | 'mismatch' | undefined;

/** An import that is missing or of the wrong type, in the standard's words. */
export interface LinkFault {
  readonly message: 'unknown import' | 'incompatible import type';
  readonly module: string;
  readonly name: string;
}

export type LinkResult = { readonly linked: readonly RuntimeExtern[] } | { readonly linked: undefined; readonly fault: LinkFault };

/** What stands behind each import, in their order, or the first import that cannot be had. */
export function linkImports(manifest: Manifest, source: ImportSource): LinkResult {
  const linked: RuntimeExtern[] = [];
  for (const wanted of manifest.imports) {
    const found = source(wanted.module, wanted.name);
    if (found === undefined) return { linked: undefined, fault: faultOf('unknown import', wanted) };
    if (found === 'mismatch' || !matches(manifest, wanted.type, found)) return { linked: undefined, fault: faultOf('incompatible import type', wanted) };
    linked.push(found);
  }
  return { linked };
}

function faultOf(message: LinkFault['message'], { module, name }: Import): LinkFault {
  return { message, module, name };
}

function matches(manifest: Manifest, wanted: ExternType, found: RuntimeExtern): boolean {
  switch (wanted.kind) {
    case 'function': {
      const type = manifest.types[wanted.type] ?? bug('type index out of range', `type ${wanted.type}`);
      return found.kind === 'function' && signatureKey(found.type) === signatureKey(type);
    }
    case 'memory':
      return found.kind === 'memory' && matchLimits(found.pages, found.limits.max, wanted.type);
    case 'table':
      return found.kind === 'table' && found.type.element === wanted.type.element && matchLimits(found.length, found.type.max, wanted.type);
    case 'global':
      return found.kind === 'global' && found.type.mutable === wanted.type.mutable && found.type.type === wanted.type.type;
    default:
      return unreachable(wanted);
  }
}

/** The size it has now counts as its minimum. */
function matchLimits(size: number, max: number | undefined, wanted: Limits): boolean {
  if (size < wanted.min) return false;
  return wanted.max === undefined || (max !== undefined && max <= wanted.max);
}
