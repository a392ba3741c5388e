// For tests: a function `i32 → i32` that loads from its memory of one page, on our side and on V8's.

import type { Artifact } from '../../contract/artifact.ts';
import { layoutVmctx, memoryEntry } from '../../contract/vmctx.ts';
import { assembledArtifact, emptyManifest } from './assembled-artifact.ts';

const layout = layoutVmctx({ types: 1, memories: 1, tables: 0, importedGlobals: 0, definedGlobals: 0, importedFunctions: 0, functions: 1 });

/** One memory, one exported function `load`. */
export function loadOrTrap(): Artifact {
  return assembledArtifact(
    {
      ...emptyManifest,
      types: [{ params: ['i32'], results: ['i32'] }],
      memories: [{ min: 1, max: 1 }],
      exports: [{ name: 'load', kind: 'function', index: 0 }],
    },
    [{
      type: 0,
      lines: [
        `mov rcx, qword ptr [r15 + ${layout.memory(0) + memoryEntry.base}]`, 'mov eax, dword ptr [rbx]',
        'trap.outOfBoundsMemoryAccess:', 'mov eax, dword ptr [rcx + rax*1]', 'mov dword ptr [rbx], eax', 'ret',
      ],
    }],
  );
}

/** A function that traps in V8's own WebAssembly and says whether it did. */
export function trappingV8(): () => boolean {
  const bytes = [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 127, 1, 127, 3, 2, 1, 0, 5, 3, 1, 0, 1, 7, 5, 1, 1, 102, 0, 0, 10, 9, 1, 7, 0, 32, 0, 40, 2, 0, 11,
  ];
  const load = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes))).exports['f'] as (at: number) => number;
  return () => {
    try {
      load(1 << 20);
      return false;
    } catch (error) {
      return error instanceof WebAssembly.RuntimeError && load(0) === 0;
    }
  };
}
