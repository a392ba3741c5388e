// Progress and logs, as a terminal and as a file see them.

import { describe, expect, test } from 'vitest';
import { readable } from './log.ts';
import { newStatus } from './status.ts';

/** Shows one text at each given millisecond; answers with everything written. */
function written(isTerminal: boolean, ...times: readonly number[]): string {
  let text = '';
  let time = 0;
  const status = newStatus(isTerminal, (part) => { text += part; }, () => time);
  for (time of times) status.show(`at ${time}`);
  status.clear();
  return text;
}

describe('the status line', () => {
  test('is rewritten in place on a terminal, not too often, and cleared', () => {
    expect(written(true, 0, 50, 100)).toBe('\r\u001b[Kat 0\r\u001b[Kat 100\r\u001b[K');
  });

  test('is a plain line every ten seconds elsewhere', () => {
    expect(written(false, 0, 5_000, 10_000, 19_999)).toBe('at 0\nat 10000\n');
  });

  test('leaves an untouched terminal alone', () => {
    expect(written(true)).toBe('');
  });
});

describe('a log line', () => {
  test('is readable on a terminal', () => {
    expect(readable('{"level":30,"time":1,"room":"fuzz","msg":"began","seed":7}\n')).toBe('fuzz: began seed=7\n');
    expect(readable('{"level":50,"time":1,"room":"fuzz","msg":"worker died","why":{"signal":"SIGSEGV"}}\n')).toBe('error: fuzz: worker died why={"signal":"SIGSEGV"}\n');
  });
});
