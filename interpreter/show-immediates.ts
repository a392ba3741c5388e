// The immediates of an instruction as the trace shows them: plain numbers, where operands carry their type.
// Chapter: "Text Format", sections "Instructions" and "Types", as far as a line of the trace needs them; block types are left out.
import type { Reader } from './reader.ts';
import type { Immediate } from './instructions.ts';
import { readMemoryArgument, skipBlockType } from './decode-code.ts';
import { readHeapType, readValueTypes } from './decode-types.ts';
import { refType, showHeap, showType } from './types.ts';
import { f32FromBits, f64FromBits } from './floats.ts';

/** How many labels of a table, or clauses of a handler, are shown. */
const shownLabels = 8;

/** Reads the immediates that stand at the reader; functions are shown by name where they have one. */
export function showImmediates(r: Reader, immediate: Immediate, functionNames: ReadonlyMap<number, string>): string {
  switch (immediate) {
    case 'function': {
      const index = r.u32();
      const name = functionNames.get(index);
      return name === undefined ? String(index) : `$${name}`;
    }
    case 'label': case 'type': case 'local': case 'global': case 'table': case 'tag': case 'memory': case 'elem': case 'data':
      return String(r.u32());
    case 'typeTable': case 'memoryMemory': case 'elemTable': case 'tableTable': case 'typeField': case 'typeType': case 'typeElem': case 'typeCount': case 'dataMemory': case 'typeData':
      return `${r.u32()} ${r.u32()}`;
    case 'labels': {
      const count = r.u32() + 1;
      const shown = Array.from({ length: Math.min(count, shownLabels) }, () => r.u32());
      return `${shown.join(' ')}${count > shownLabels ? ` … ${count} labels` : ''}`;
    }
    case 'memarg': return memoryArgument(r);
    case 'memargLane': return `${memoryArgument(r)} ${r.byte()}`.trim();
    case 'lane': return String(r.byte());
    case 'i32': return String(r.s32());
    case 'i64': {
      r.s64();
      return String(BigInt.asIntN(64, BigInt(r.high) << 32n | BigInt(r.low >>> 0)));
    }
    case 'f32': return String(f32FromBits(r.fixed32()));
    case 'f64': {
      const low = r.fixed32() >>> 0;
      return String(f64FromBits(BigInt(r.fixed32() >>> 0) << 32n | BigInt(low)));
    }
    case 'v128': {
      const words = Array.from({ length: 4 }, () => (r.fixed32() >>> 0).toString(16).padStart(8, '0'));
      return `0x${words.reverse().join('')}`;
    }
    case 'shuffle': return Array.from({ length: 16 }, () => r.byte()).join(' ');
    case 'selectTypes': return readValueTypes(r).map(showType).join(' ');
    case 'heap': return showHeap(readHeapType(r));
    case 'cast': {
      const flags = r.byte();
      return `${r.u32()} ${showType(refType((flags & 1) !== 0, readHeapType(r)))} ${showType(refType((flags & 2) !== 0, readHeapType(r)))}`;
    }
    case 'tryTable': {
      skipBlockType(r);
      const count = r.length();
      const shown = Array.from({ length: Math.min(count, shownLabels) }, () => catchClause(r));
      return `${shown.join(' ')}${count > shownLabels ? ` … ${count} clauses` : ''}`;
    }
    case 'none': case 'block': case 'zero': return '';
    default: return unreachable(immediate);
  }
}

/** The memory's index and the offset, where they are not 0. */
function memoryArgument(r: Reader): string {
  const into = { align: 0, memory: 0 };
  readMemoryArgument(r, into);
  const offset = BigInt(r.high >>> 0) << 32n | BigInt(r.low >>> 0);
  return [...(into.memory === 0 ? [] : [String(into.memory)]), ...(offset === 0n ? [] : [`offset=${offset}`])].join(' ');
}

const clauseNames = ['catch', 'catch_ref', 'catch_all', 'catch_all_ref'];

/** A clause as in the text format: its kind, the tag if it names one, the label. */
function catchClause(r: Reader): string {
  const kind = r.byte();
  const indices = kind < 2 ? `${r.u32()} ${r.u32()}` : String(r.u32());
  return `(${clauseNames[kind] ?? ''} ${indices})`;
}

function unreachable(x: never): never {
  throw new Error(`interpreter bug: immediate ${String(x)}`);
}
