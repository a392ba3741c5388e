// Several lines of progress that are rewritten in place, for a terminal.

import { writeSync } from 'node:fs';

export interface Screen {
  /** Replaces what was shown before. */
  show(lines: readonly string[]): void;
  /** Leaves the terminal as if nothing had been shown. */
  clear(): void;
}

const pause = 200;
const eraseDown = '\r\u001b[J';

/** Starts a screen. Calls of `show` that come too soon after the last shown one are dropped. Lines that do not fit are cut. */
export function newScreen(
  write: (text: string) => void = (text) => void writeSync(2, text),
  size: () => { readonly columns: number; readonly rows: number } = () => ({ columns: process.stderr.columns ?? 80, rows: process.stderr.rows ?? 24 }),
  now: () => number = () => performance.now(),
): Screen {
  let shownAt = -Infinity;
  let height = 0;
  const up = (): string => (height === 0 ? '' : `\u001b[${height}A`);
  return {
    show(lines) {
      if (now() - shownAt < pause) return;
      shownAt = now();
      const { columns, rows } = size();
      const fitting = lines.slice(0, rows - 1).map((line) => line.slice(0, columns - 1));
      write(`${up()}${eraseDown}${fitting.join('\n')}\n`);
      height = fitting.length;
    },
    clear() {
      if (height > 0) write(`${up()}${eraseDown}`);
      height = 0;
    },
  };
}
