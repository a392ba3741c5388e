// A module named on the command line: bytes as they are, or text turned into bytes.

import { readFile } from 'node:fs/promises';
import { parseText } from '../fuzz/wast/text.ts';
import { UsageError } from './frame.ts';

const magic = Buffer.from([0x00, 0x61, 0x73, 0x6d]);

/** The bytes of FILE: a binary module if it begins like one or is called `.wasm`, else text. */
export async function readModuleFile(file: string): Promise<Uint8Array> {
  const content = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(error.code === 'ENOENT' ? `${file}: no such file` : `${file}: ${error.message}`);
  });
  if (file.endsWith('.wasm') || content.subarray(0, 4).equals(magic)) return content;
  const result = await parseText(content.toString('utf8'));
  if (result.kind === 'malformed') throw new UsageError(`${file}: ${result.message}`);
  return result.bytes;
}
