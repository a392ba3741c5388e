// Numbers for tests that want many different things and the same ones every time.

/** A small deterministic source of choices: each below `n` (xorshift, Marsaglia 2003). */
export function choices(seed: number): (n: number) => number {
  let state = seed | 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}
