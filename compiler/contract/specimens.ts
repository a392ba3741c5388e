// Short pieces of an ISA's assembly for tests and planted faults: what they do is the same on all ISAs, how it is written only the ISA's folder knows.
// Each stands alone, begins at offset 0, and changes registers as it likes.

export interface Specimens {
  /** Ends the process with status 42. */
  readonly exit: readonly string[];
  /** Never gets past its first instruction. */
  readonly endlessLoop: readonly string[];
  /** Jumps to an address in the first pages, where nothing is mapped. */
  readonly wildJump: readonly string[];
  /** Reads there. */
  readonly wildAccess: readonly string[];
  /** Pushes until the stack has no room. */
  readonly stackOverflow: readonly string[];
  /** Writes what is no turn over the word at the start of a runner's control page (contract/runner.ts), then faults. */
  readonly spoiledControlPage: readonly string[];
}
