// Runs one of the tools from node_modules to its end, on the pinned Node, and collects what it printed.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../frame.ts';

/** Runs the JavaScript file `path` (below node_modules). Standard output and error come back as one text. */
export function runTool(path: string, args: readonly string[]): Promise<{ exit: number; output: string }> {
  return new Promise((resolve, reject) => {
    let output = '';
    const child = spawn(process.execPath, [join(root, 'node_modules', path), ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const collect = (text: string): void => {
      output += text;
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.on('error', reject);
    child.on('close', (code) => resolve({ exit: code ?? 1, output }));
  });
}

/** The lines of a tool's output that hold something. */
export function linesOf(output: string): string[] {
  return output.split('\n').filter((line) => line.trim() !== '');
}
