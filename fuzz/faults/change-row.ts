// For encoder faults: the bytes of one row's instructions are changed wherever a function has them.

import type { DecodedInstruction, TargetName, TransformerFault } from '../../compiler/inside.ts';

/** Changes instructions in the code of `target`: `change` gets one and its bytes in place. Constants and tables behind the code are left alone. */
export function changeCode(name: string, target: TargetName, change: (decoded: DecodedInstruction, bytes: Uint8Array) => void): TransformerFault {
  return {
    kind: 'transformer',
    name,
    stage: 'emit',
    transform: (level) => {
      if (level.level !== 'code' || level.target.name !== target) return level;
      const bytes = level.bytes.slice();
      const end = level.emitted.codeEnd - level.emitted.start;
      for (let at = 0; at < end; ) {
        const decoded = level.target.maybeDecode(level.bytes, at);
        if (decoded !== undefined) change(decoded, bytes.subarray(at, at + decoded.length));
        at += decoded?.length ?? 1;
      }
      return { ...level, bytes };
    },
  };
}

/** Changes the words of one row, for ISAs whose instructions are words. */
export function changeRow(name: string, target: TargetName, row: string, change: (word: number) => number): TransformerFault {
  return changeCode(name, target, (decoded, bytes) => {
    if (decoded.shape.name !== row) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    view.setInt32(0, change(view.getInt32(0, true)), true);
  });
}
