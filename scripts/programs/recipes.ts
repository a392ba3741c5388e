// Real programs that nobody here wrote, by what it takes to have them: Debian source packages with the files, definitions and stand-in
// headers that make clang build them for WASI, and npm packages that carry modules. Data only; `build.ts` carries it out.
// A stand-in header replaces what WASI does not have: `setjmp` (a longjmp traps), temporary files, another program's start.

export interface ProgramRecipe {
  readonly name: string;
  /** Debian source package; its upstream archive is used as it is. */
  readonly source: string;
  readonly language: 'c' | 'c++';
  /** Files to compile: paths in the source tree, `*` stands for any file name. */
  readonly files: readonly string[];
  readonly without?: readonly string[];
  /** Folders for `-I`, in the source tree. */
  readonly includes: readonly string[];
  readonly flags: readonly string[];
  /** Headers to put before all others, by name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** `command`: exports `_start`. `reactor`: a library, whose default-visibility functions are exported. */
  readonly model: 'command' | 'reactor';
  /** What to run and compare; files are copied from the source tree into the program's folder. */
  readonly runs: readonly { readonly args: readonly string[]; readonly stdin?: string; readonly files?: readonly string[] }[];
}

const wasiSetjmp = `#pragma once
typedef int jmp_buf[1];
#define setjmp(environment) ((void)(environment), 0)
#define longjmp(environment, value) __builtin_trap()
`;

const luaStandIns = `#include <stdio.h>
#include <stdlib.h>
#define L_tmpnam 20
#define system(command) (-1)
#define tmpnam(buffer) ((char *)0)
#define tmpfile() ((FILE *)0)
`;

const janssonConfig = `#define HAVE_STDINT_H 1
#define HAVE_STRTOLL 1
#define INITIAL_HASHTABLE_ORDER 3
`;

const janssonPublicConfig = `#pragma once
#define JSON_INLINE inline
#define JSON_INTEGER_IS_LONG_LONG 1
#define JSON_HAVE_LOCALECONV 0
#define JSON_HAVE_ATOMIC_BUILTINS 0
#define JSON_HAVE_SYNC_BUILTINS 0
#define JSON_PARSER_MAX_DEPTH 2048
`;

const zlibFiles = ['*.c'];
const bzip2Library = ['blocksort.c', 'huffman.c', 'crctable.c', 'randtable.c', 'compress.c', 'decompress.c', 'bzlib.c'];
const expatLibrary = ['expat/lib/xmlparse.c', 'expat/lib/xmlrole.c', 'expat/lib/xmltok.c'];
const expatFlags = ['-DXML_POOR_ENTROPY', '-DXML_NS', '-DXML_DTD', '-DXML_CONTEXT_BYTES=1024', '-DBYTEORDER=1234', '-D_WASI_EMULATED_GETPID', '-lwasi-emulated-getpid'];
const xml = `<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e "entity">]><d a="1"><p>&e; text</p><q><r/><r x='y'/></q></d>\n`;
const lines = Array.from({ length: 400 }, (_, i) => `${i} the quick brown fox ${(i * 2654435761) >>> 0} jumps over the lazy dog`).join('\n');
const luaScript = `local t = {} for i = 1, 2000 do t[i] = (i * 7919) % 2003 end table.sort(t)
local s = 0 for i, v in ipairs(t) do s = s + i * v end print(s, string.format("%a %.17g", 1 / 3, math.sqrt(2)))
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end print(fib(21))
print((("x"):rep(50):gsub("x", "%0y")), #table.concat(t, ","), 7 // 2, -7 % 3, 1 << 40, 2 ^ 0.5, math.maxinteger + 1)
local words = {} for word in ("to be or not to be"):gmatch("%a+") do words[word] = (words[word] or 0) + 1 end print(words.to, words["not"], next({}))
`;

export const programs: readonly ProgramRecipe[] = [
  {
    name: 'zlib-example', source: 'zlib', language: 'c', files: [...zlibFiles, 'test/example.c'], includes: ['.'], flags: ['-DHAVE_UNISTD_H'], model: 'command',
    runs: [{ args: [] }],
  },
  {
    name: 'minigzip', source: 'zlib', language: 'c', files: [...zlibFiles, 'test/minigzip.c'], includes: ['.'], flags: ['-DHAVE_UNISTD_H'], model: 'command',
    runs: [{ args: ['-9'], stdin: lines }],
  },
  {
    name: 'zlib', source: 'zlib', language: 'c', files: zlibFiles, without: ['gz*.c'], includes: ['.'], flags: ['-fvisibility=default'], model: 'reactor', runs: [],
  },
  {
    name: 'bzip2-dlltest', source: 'bzip2', language: 'c', files: [...bzip2Library, 'dlltest.c'], includes: ['.'], flags: [], model: 'command',
    runs: [{ args: ['-9', 'sample1.ref', 'sample1.bz2'], files: ['sample1.ref'] }, { args: ['-d', 'sample2.bz2', 'sample2.out'], files: ['sample2.bz2'] }],
  },
  {
    name: 'expat-outline', source: 'expat', language: 'c', files: [...expatLibrary, 'expat/examples/outline.c'], includes: ['expat/lib'], flags: expatFlags,
    headers: { 'expat_config.h': '' }, model: 'command', runs: [{ args: [], stdin: xml }],
  },
  {
    name: 'expat-elements', source: 'expat', language: 'c', files: [...expatLibrary, 'expat/examples/elements.c'], includes: ['expat/lib'], flags: expatFlags,
    headers: { 'expat_config.h': '' }, model: 'command', runs: [{ args: [], stdin: xml }],
  },
  {
    name: 'cjson-test', source: 'cjson', language: 'c', files: ['cJSON.c', 'test.c'], includes: ['.'], flags: [], model: 'command', runs: [{ args: [] }],
  },
  {
    name: 'jansson-simple-parse', source: 'jansson', language: 'c', files: ['src/*.c', 'examples/simple_parse.c'], includes: ['src'],
    flags: ['-DHAVE_CONFIG_H', '-D_WASI_EMULATED_GETPID', '-lwasi-emulated-getpid'],
    headers: { 'jansson_private_config.h': janssonConfig, 'jansson_config.h': janssonPublicConfig }, model: 'command',
    runs: [{ args: [], stdin: '{"a":[1,2.5,{"b":null,"c":"\\u00e9"}],"d":-1e300}\n' }],
  },
  {
    name: 'lua', source: 'lua5.4', language: 'c', files: ['src/*.c'], without: ['src/luac.c'], includes: ['src'],
    flags: ['-include', 'lua-stand-ins.h', '-D_WASI_EMULATED_SIGNAL', '-D_WASI_EMULATED_PROCESS_CLOCKS', '-lwasi-emulated-signal', '-lwasi-emulated-process-clocks'],
    headers: { 'setjmp.h': wasiSetjmp, 'lua-stand-ins.h': luaStandIns }, model: 'command', runs: [{ args: ['-'], stdin: luaScript }],
  },
  {
    name: 'gr2fonttest', source: 'graphite2', language: 'c++', files: ['src/*.cpp', 'gr2fonttest/gr2FontTest.cpp'], without: ['src/direct_machine.cpp', 'src/json.cpp'],
    includes: ['include', 'src'], flags: ['-DGRAPHITE2_STATIC', '-DGRAPHITE2_NTRACING', '-DNDEBUG'], model: 'command',
    runs: [
      { args: ['Padauk.ttf', '-codes', '1000', '102f', '1039', '1000'], files: ['tests/fonts/Padauk.ttf'] },
      { args: ['charis_r_gr.ttf', '-auto'], files: ['tests/fonts/charis_r_gr.ttf'] },
      { args: ['AwamiNastaliq-Regular.ttf', '-rtl', '-codes', '628', '62d', '62a', '645'], files: ['tests/fonts/AwamiNastaliq-Regular.ttf'] },
    ],
  },
  {
    name: 'graphite2', source: 'graphite2', language: 'c++', files: ['src/*.cpp'], without: ['src/direct_machine.cpp', 'src/json.cpp', 'src/FileFace.cpp'],
    includes: ['include', 'src'], flags: ['-DGRAPHITE2_NTRACING', '-DGRAPHITE2_NFILEFACE', '-DNDEBUG', '-fvisibility=hidden'], model: 'reactor', runs: [],
  },
];

/** npm packages that carry modules, as `.wasm` files or as base64 text in their scripts. */
export const modulePackages: readonly string[] = [
  'hash-wasm@4.13.0',
  'yoga-layout@3.2.1',
  'source-map@0.7.6',
  'brotli-wasm@3.0.1',
  'sql.js@1.16.0',
  '@sqlite.org/sqlite-wasm@3.54.1-build1',
  '@jitl/quickjs-wasmfile-release-sync@0.32.0',
  '@jitl/quickjs-wasmfile-debug-sync@0.32.0',
  '@jitl/quickjs-wasmfile-release-asyncify@0.32.0',
  '@jitl/quickjs-wasmfile-debug-asyncify@0.32.0',
  'wasmoon@1.16.0',
  'harfbuzzjs@1.6.4',
  'web-tree-sitter@0.27.1',
  'tree-sitter-json@0.24.8',
  'tree-sitter-javascript@0.25.0',
  'tree-sitter-wasms@0.1.13',
  '@rollup/wasm-node@4.68.4',
  'argon2-browser@1.18.0',
  'wasm-vips@0.0.19',
];
