// Choices as bytes: whatever was drawn, written as a `ByteSource` would have to read it. The one form in which campaigns keep choices, since all drivers
// read it: libFuzzer mutates it as it is, `byteChoices` replays it, and a section's window keeps a change in one function from shifting the others.
//
// A section longer than its 16-bit length can say does not survive; whoever records compares what the bytes make with what was there.

import { type Choices, TapeSource } from './choices.ts';
import { bytesOf, recordedChoices } from './recording.ts';

/** The bytes from which `build` makes what it makes from a tape. */
export function recordBytes(build: (c: Choices) => unknown, tape: readonly number[]): Uint8Array {
  const { choices, recording } = recordedChoices(new TapeSource(tape));
  build(choices);
  return bytesOf(recording());
}
