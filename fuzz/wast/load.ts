// Brings a script file to the point where only an engine is missing: commands read, module text turned into bytes.
//
// The text parser is by far the slowest part, so its answers are kept: one cache file per script, named by the hash of the script's content.
// Layout of a cache file: length of the header (u32, little-endian), header (JSON: per module source its byte length, or the parser's message),
// then the modules' bytes one after another. A cache that cannot be read or written is as good as none.

import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { readScript } from './read.ts';
import type { Command, ModuleSource } from './script.ts';
import type { TextResult } from './text.ts';
import { parseText } from './text.ts';

/** Raise it when the way from text to bytes changes. */
const cacheVersion = 1;
const cacheFolder = fileURLToPath(new URL('../../node_modules/.cache/assay-wast/', import.meta.url));

export interface LoadedScript {
  readonly file: string;
  readonly commands: readonly Command[];
  /** The bytes of every module source of the script, or why its text is no module. */
  readonly modules: ReadonlyMap<ModuleSource, TextResult>;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

async function encode(source: ModuleSource): Promise<TextResult> {
  switch (source.kind) {
    case 'binary':
      return { kind: 'bytes', bytes: source.bytes };
    case 'text':
      return await parseText(source.text);
    case 'quote': {
      let text: string;
      try {
        text = strictUtf8.decode(source.bytes);
      } catch {
        return { kind: 'malformed', message: 'malformed UTF-8 encoding' };
      }
      // A quote holds fields, or a whole `(module …)` of its own.
      const isWhole = /^\s*\(\s*module\b/.test(text);
      return await parseText(isWhole ? text : `(module ${text}\n)`);
    }
  }
}

function sourceOf(command: Command): ModuleSource | undefined {
  return 'source' in command ? command.source : undefined;
}

/** Reads and prepares a script. Throws `ScriptError` when the text is no script, and what reading the file throws. */
export async function loadScript(file: string): Promise<LoadedScript> {
  const content = await readFile(file);
  return await loadScriptText(file, content.toString('utf8'));
}

/** As `loadScript`, for a script in memory. */
export async function loadScriptText(file: string, text: string): Promise<LoadedScript> {
  const commands = readScript(text);
  const sources: ModuleSource[] = [];
  for (const command of commands) {
    const source = sourceOf(command);
    if (source !== undefined) sources.push(source);
  }
  const key = createHash('sha256').update(`${cacheVersion}\n`).update(text).digest('hex');
  const path = `${cacheFolder}${key.slice(0, 40)}`;
  let results = await maybeReadCache(path, sources.length);
  if (results === undefined) {
    results = [];
    for (const source of sources) results.push(await encode(source));
    await writeCache(path, results);
  }
  const modules = new Map<ModuleSource, TextResult>();
  sources.forEach((source, index) => {
    const result = results[index];
    if (result !== undefined) modules.set(source, result);
  });
  return { file, commands, modules };
}

async function maybeReadCache(path: string, expected: number): Promise<TextResult[] | undefined> {
  let file: Buffer;
  try {
    file = await readFile(path);
  } catch {
    return undefined;
  }
  const headerLength = file.readUInt32LE(0);
  const entries = JSON.parse(file.toString('utf8', 4, 4 + headerLength)) as (number | string)[];
  if (entries.length !== expected) return undefined;
  let at = 4 + headerLength;
  return entries.map((entry) => {
    if (typeof entry === 'string') return { kind: 'malformed', message: entry };
    // Copies, so that a module does not sit at an odd offset of a shared buffer.
    const bytes = new Uint8Array(file.subarray(at, at + entry));
    at += entry;
    return { kind: 'bytes', bytes };
  });
}

async function writeCache(path: string, results: readonly TextResult[]): Promise<void> {
  const header = Buffer.from(JSON.stringify(results.map((result) => (result.kind === 'bytes' ? result.bytes.length : result.message))));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const bodies = results.flatMap((result) => (result.kind === 'bytes' ? [result.bytes] : []));
  try {
    await mkdir(cacheFolder, { recursive: true });
    // Written whole under another name first: a second process may be reading.
    await writeFile(`${path}.${process.pid}`, Buffer.concat([length, header, ...bodies]));
    await rename(`${path}.${process.pid}`, path);
  } catch {
    // A read-only checkout runs without a cache.
  }
}
