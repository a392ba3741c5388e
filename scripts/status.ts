// Progress of a long verb, on standard error: one line that is rewritten in place on a terminal, a plain line now and then elsewhere.

import { writeSync } from 'node:fs';

/** Where progress is told. `show` replaces what was shown before; `clear` leaves the line free for other output. */
export type Status = { show(text: string): void; clear(): void };

const eraseLine = '\r\u001b[K';
const terminalPause = 100;
const plainPause = 10_000;

/** Starts a status line. Calls of `show` that come too soon after the last shown one are dropped, so callers may call as often as they like. */
export function newStatus(isTerminal = process.stderr.isTTY, write: (text: string) => void = (text) => void writeSync(2, text), now: () => number = () => performance.now()): Status {
  let shownAt = -Infinity;
  let isShown = false;
  return {
    show(text) {
      if (now() - shownAt < (isTerminal ? terminalPause : plainPause)) return;
      shownAt = now();
      isShown = true;
      const width = (process.stderr.columns ?? 80) - 1;
      write(isTerminal ? `${eraseLine}${text.slice(0, width)}` : `${text}\n`);
    },
    clear() {
      if (isTerminal && isShown) write(eraseLine);
      isShown = false;
    },
  };
}
