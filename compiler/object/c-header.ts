// A C header for an object file: everything a C program needs to make instances of its module and call them, and nothing to link but the object.
//
//   struct PREFIX_instance             the blocks by which code reaches its instance; the program gives it room, a stack, and the memories' bytes
//   PREFIX_instance_init               lays them out, gives globals their first values and memories their data: 0, a trap code, or -1 for too little room
//   PREFIX_call_NAME                   calls an exported function: 0, or the code of the trap that ended it; results are written where pointers say
//   PREFIX_get_NAME, PREFIX_set_NAME   exported globals
//   PREFIX_memory_NAME, PREFIX_memory_bytes_NAME   exported memories
//   PREFIX_trap_name                   a trap code in words
//
// The header's own names have an underscore before what is no hexadecimal number, so that no export is called like them.
// Library calls that a module without tables can make are done by the header's own code. What it cannot lay out is refused by name: imports, tables and
// element segments, start functions. Offsets are those of contract/vmctx.ts, and of this very artifact: header and object belong together.

import { bug, Unsupported } from '../base/errors.ts';
import type { Artifact } from '../contract/artifact.ts';
import { libcalls, type LibcallName } from '../contract/libcalls.ts';
import type { ValueType } from '../contract/manifest.ts';
import { trapCodes, trapMessages } from '../contract/traps.ts';
import { argumentSlot, functionDescriptor, globalCell, layoutVmctx, memoryEntry, storeContext, vmctxHeader, vmctxMagic } from '../contract/vmctx.ts';
import { exportPart } from './module-parts.ts';

/** What constant expressions of the module come to. */
export interface InitialValues {
  /** Bits of each global. */
  readonly globals: readonly bigint[];
  /** Where each active data segment goes; undefined for others. */
  readonly dataOffsets: readonly (number | undefined)[];
}

const cTypes: Readonly<Partial<Record<ValueType, string>>> = { i32: 'int32_t', i64: 'int64_t', f32: 'float', f64: 'double' };
const pageBytes = 65536;
/** Below the stack's limit: trampolines run there. */
const stackReserve = 8192;

/** Why no header can lay this module out, or undefined. */
function whyNot({ manifest }: Artifact): string | undefined {
  if (manifest.imports.length > 0) return 'imports';
  if (manifest.tables.length > 0) return 'tables';
  if (manifest.elements.length > 0) return 'element segments';
  if (manifest.start !== undefined) return 'a start function';
  if (manifest.globals.some(({ type }) => cTypes[type] === undefined)) return 'globals that hold references';
  return undefined;
}

/** The header of the object that is written with the same prefix. Throws `Unsupported`. */
export function writeHeader(artifact: Artifact, prefix: string, { globals, dataOffsets }: InitialValues): string {
  const reason = whyNot(artifact);
  if (reason !== undefined) throw new Unsupported(`a C header for a module with ${reason}`, 0);
  const { manifest, typeSignatures } = artifact;
  const layout = layoutVmctx({
    types: manifest.types.length, memories: manifest.memories.length, tables: 0, importedGlobals: 0, definedGlobals: manifest.globals.length,
    importedFunctions: 0, functions: manifest.functions.length,
  });
  const p = prefix;
  const self = `struct ${p}_instance *self`;
  const word = (offset: number): string => `vmctx[${offset / 8}]`;
  const global = (index: number): number => layout.global(index).offset;
  const functions = manifest.exports.filter(({ kind }) => kind === 'function');
  const memories = manifest.memories.map((_, index) => index);
  const typeOf = (index: number) => manifest.types[manifest.functions[index] ?? -1] ?? bug('an export of no function', `function ${index}`);
  const isPlain = (index: number): boolean => [...typeOf(index).params, ...typeOf(index).results].every((type) => cTypes[type] !== undefined);

  const declarations = functions.map(({ name }) => `extern const char ${p}_${exportPart(name)}[];\nextern ${p}_entry_t ${p}_enter_${exportPart(name)};`);
  const traps = Object.entries(trapCodes).map(([name, code]) => `    case ${code}: return "${trapMessages[name as keyof typeof trapMessages]}";`);
  const data = manifest.data.map(({ bytes }, i) => `static const uint8_t ${p}_segment_n${i}[${Math.max(1, bytes.length)}] = {${bytes.length === 0 ? '0' : [...bytes].join(',')}};`);

  const init = [
    ...memories.flatMap((index) => {
      const bytes = (manifest.memories[index]?.min ?? 0) * pageBytes;
      return [
        `  if (capacity${index} < ${bytes}u) return -1;`,
        `  self->memory[${index}].bytes = ${bytes}u;`,
        `  self->capacity[${index}] = capacity${index};`,
        `  self->${word(layout.memory(index) + memoryEntry.base)} = (uint64_t)(uintptr_t)memory${index};`,
        `  self->${word(layout.memory(index) + memoryEntry.definition)} = (uint64_t)(uintptr_t)&self->memory[${index}];`,
      ];
    }),
    ...(Object.keys(libcalls) as LibcallName[]).map((name) => `  self->${word(layout.libcall(libcalls[name].number))} = (uint64_t)(uintptr_t)${p}_libcall_${name};`),
    ...globals.map((bits, index) => `  self->${word(global(index))} = UINT64_C(0x${bits.toString(16)});`),
    ...functions.flatMap(({ name, index }, i) => [
      `  self->function[${i}][${functionDescriptor.code / 8}] = (uint64_t)(uintptr_t)${p}_${exportPart(name)};`,
      `  self->function[${i}][${functionDescriptor.vmctx / 8}] = (uint64_t)(uintptr_t)self->vmctx;`,
      `  self->${word(layout.functionReference(index))} = (uint64_t)(uintptr_t)self->function[${i}];`,
    ]),
    ...manifest.data.flatMap(({ mode, bytes }, i) => {
      const offset = dataOffsets[i];
      if (mode.mode !== 'active' || offset === undefined) return [];
      return [
        `  if (${offset}u > self->memory[${mode.target}].bytes || ${bytes.length}u > self->memory[${mode.target}].bytes - ${offset}u) return ${trapCodes.outOfBoundsMemoryAccess};`,
        `  memcpy((uint8_t *)memory${mode.target} + ${offset}u, ${p}_segment_n${i}, ${bytes.length});`,
        `  self->dropped[${i}] = 1;`,
      ];
    }),
  ];

  const calls = functions.map(({ name, index }) => {
    const { params, results } = typeOf(index);
    const part = exportPart(name);
    if (!isPlain(index)) return `/* ${p}_call_${part} is not here: its type has references. */`;
    if (typeSignatures[manifest.functions[index] ?? -1] === undefined) bug('an exported function without a signature', name);
    const parameters = [self, ...params.map((type, i) => `${cTypes[type] ?? ''} p${i}`), ...results.map((type, i) => `${cTypes[type] ?? ''} *r${i}`)];
    const slots = Math.max(1, params.length, results.length);
    return [
      `static inline int ${p}_call_${part}(${parameters.join(', ')}) {`,
      `  uint8_t block[${slots * argumentSlot}] __attribute__((aligned(16))) = {0};`,
      ...params.map((_type, i) => `  memcpy(block + ${i * argumentSlot}, &p${i}, sizeof p${i});`),
      `  if (${p}_enter_${part}(${p}_${part}, self->vmctx, block) != 0) return ${p}_trap_of(self);`,
      ...results.map((_type, i) => `  memcpy(r${i}, block + ${i * argumentSlot}, sizeof *r${i});`),
      '  return 0;',
      '}',
    ].join('\n');
  });

  const accessors = manifest.exports.flatMap(({ kind, name, index }) => {
    const part = exportPart(name);
    if (kind === 'memory') {
      return [
        `static inline uint8_t *${p}_memory_${part}(${self}) { return (uint8_t *)(uintptr_t)self->${word(layout.memory(index) + memoryEntry.base)}; }`,
        `static inline uint64_t ${p}_memory_bytes_${part}(const struct ${p}_instance *self) { return self->memory[${index}].bytes; }`,
      ];
    }
    const type = kind === 'global' ? manifest.globals[index] : undefined;
    const cType = type === undefined ? undefined : cTypes[type.type];
    if (type === undefined || cType === undefined) return [];
    const cell = `(const uint8_t *)self->vmctx + ${global(index)}`;
    return [
      `static inline ${cType} ${p}_get_${part}(const struct ${p}_instance *self) { ${cType} value; memcpy(&value, ${cell}, sizeof value); return value; }`,
      ...(type.mutable ? [`static inline void ${p}_set_${part}(${self}, ${cType} value) { memcpy((uint8_t *)self->vmctx + ${global(index)}, &value, sizeof value); }`] : []),
    ];
  });

  return `/* C header of an object file made by assay: ${artifact.target}, bounds ${artifact.bounds}. It belongs to that very object.
 *
 * An instance belongs to one thread at a time; calls may not nest. The stack should have 64 KiB or more. Memories begin zeroed and must not move.
 * A trap ends the call and is told by its code; globals and memories stay as they were when it came. ${artifact.bounds === 'explicit'
    ? `Accesses outside a memory are such traps.`
    : `An access outside a memory is
 * a signal: 8 GiB + 64 KiB from each memory's start on must be inaccessible behind its bytes, and without a handler that continues at
 * ${p}_trap_exit_after_signal the signal ends the program. Compile with --bounds explicit to have traps instead.`} */
#ifndef ${p}_ASSAY_H
#define ${p}_ASSAY_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __cplusplus
extern "C" {
#endif

struct ${p}_instance {
  uint64_t vmctx[${layout.size / 8}];
  uint64_t store[${storeContext.size / 8}];
  struct { uint64_t bytes, unused; } memory[${Math.max(1, memories.length)}];
  uint64_t capacity[${Math.max(1, memories.length)}];
  uint64_t function[${Math.max(1, functions.length)}][${functionDescriptor.size / 8}];
  uint8_t dropped[${Math.max(1, manifest.data.length)}];
} __attribute__((aligned(${globalCell})));

typedef int ${p}_entry_t(const void *code, void *vmctx, void *block);
extern const char ${[...Object.keys(libcalls).map((name) => `${p}_libcall_${name}[]`), `${p}_trap_exit[]`, `${p}_trap_exit_after_signal[]`].join(', ')};
extern const uint32_t ${p}_traps[];
${[...declarations, ...data].join('\n')}

/** A trap code in words; the last three are no traps of the standard. */
static inline const char *${p}_trap_name(int code) {
  switch (code) {
${traps.join('\n')}
    default: return "not a trap code";
  }
}

/** The code of the trap that ended the last call. */
static inline int ${p}_trap_of(${self}) {
  const uint32_t count = ${p}_traps[0];
  const uint8_t *codes = (const uint8_t *)(${p}_traps + 1 + 2 * count);
  const uint64_t at = self->store[${storeContext.trapPc / 8}] - ((uint64_t)(uintptr_t)${p}_trap_exit - ${artifact.trapExit});
  const int failed = (int)self->store[${storeContext.hostTrap / 8}];
  self->store[${storeContext.hostTrap / 8}] = 0;
  if (failed != 0) return failed;
  for (uint32_t i = 0; i < count; i++) if (${p}_traps[1 + i] == at) return codes[i];
  return ${trapCodes.hostError};
}

static inline int ${p}_library_refuses(struct ${p}_instance *self, int code) { self->store[${storeContext.hostTrap / 8}] = (uint64_t)code; return 1; }

/** Does the library calls. */
static int ${p}_library_switch(void *context, void *block, int number) {
  struct ${p}_instance *self = (struct ${p}_instance *)((uint8_t *)context - offsetof(struct ${p}_instance, vmctx));
  uint32_t v[5];
  for (int i = 0; i < 5; i++) memcpy(&v[i], (uint8_t *)block + ${argumentSlot} * i, 4);
  #define ${p}_AT(index) ((uint8_t *)(uintptr_t)self->vmctx[${layout.memory(0) / 8} + ${memoryEntry.size / 8} * (index)])
  switch (number) {
    case ${libcalls.memoryGrow.number}: {
      const uint64_t old = self->memory[v[0]].bytes, wanted = old + (uint64_t)v[1] * ${pageBytes};
      static const uint64_t most[] = {${memories.map((index) => `UINT64_C(${(manifest.memories[index]?.max ?? 65536) * pageBytes})`).join(', ') || '0'}};
      const int32_t answer = wanted > self->capacity[v[0]] || wanted > most[v[0]] ? -1 : (int32_t)(old / ${pageBytes});
      if (answer >= 0) self->memory[v[0]].bytes = wanted;
      memcpy(block, &answer, 4);
      return 0;
    }
    case ${libcalls.memoryCopy.number}:
      if ((uint64_t)v[2] + v[4] > self->memory[v[0]].bytes || (uint64_t)v[3] + v[4] > self->memory[v[1]].bytes) return ${p}_library_refuses(self, ${trapCodes.outOfBoundsMemoryAccess});
      memmove(${p}_AT(v[0]) + v[2], ${p}_AT(v[1]) + v[3], v[4]);
      return 0;
    case ${libcalls.memoryFill.number}:
      if ((uint64_t)v[1] + v[3] > self->memory[v[0]].bytes) return ${p}_library_refuses(self, ${trapCodes.outOfBoundsMemoryAccess});
      memset(${p}_AT(v[0]) + v[1], (int)(v[2] & 255), v[3]);
      return 0;
    case ${libcalls.memoryInit.number}: {
      static const uint8_t *const from[] = {${manifest.data.map((_, i) => `${p}_segment_n${i}`).join(', ') || '0'}};
      static const uint32_t bytes[] = {${manifest.data.map((segment) => `${segment.bytes.length}u`).join(', ') || '0'}};
      const uint32_t held = self->dropped[v[1]] ? 0 : bytes[v[1]];
      if ((uint64_t)v[3] + v[4] > held || (uint64_t)v[2] + v[4] > self->memory[v[0]].bytes) return ${p}_library_refuses(self, ${trapCodes.outOfBoundsMemoryAccess});
      memcpy(${p}_AT(v[0]) + v[2], from[v[1]] + v[3], v[4]);
      return 0;
    }
    case ${libcalls.dataDrop.number}:
      self->dropped[v[0]] = 1;
      return 0;
    default:
      return ${p}_library_refuses(self, ${trapCodes.hostError});
  }
  #undef ${p}_AT
}

/** Makes an instance: 0, the code of a trap, or -1 where a memory or the stack has too little room. */
static inline int ${p}_instance_init(${[self, 'void *stack', 'size_t stack_bytes', ...memories.flatMap((index) => [`void *memory${index}`, `uint64_t capacity${index}`])].join(', ')}) {
  const uint64_t top = ((uint64_t)(uintptr_t)stack + stack_bytes) & ~UINT64_C(15), limit = (uint64_t)(uintptr_t)stack + ${stackReserve};
  if (stack_bytes < ${2 * stackReserve}) return -1;
  memset(self, 0, sizeof *self);
  self->store[${storeContext.wasmStack / 8}] = top;
  self->store[${storeContext.stackLimit / 8}] = self->${word(vmctxHeader.stackLimit)} = limit;
  self->store[${storeContext.trapExit / 8}] = self->${word(vmctxHeader.trapExit)} = (uint64_t)(uintptr_t)${p}_trap_exit;
  self->store[${storeContext.hostCallback / 8}] = (uint64_t)(uintptr_t)${p}_library_switch;
  self->${word(vmctxHeader.magic)} = ${vmctxMagic}u;
  self->${word(vmctxHeader.store)} = (uint64_t)(uintptr_t)self->store;
${init.join('\n')}
  return 0;
}

${[...calls, ...accessors].join('\n')}

#ifdef __cplusplus
}
#endif
#endif
`;
}
