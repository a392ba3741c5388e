// Checks bulk memory and table instructions.
// Chapter: "Validation", section "Instructions", "Table Instructions" and "Memory Instructions".
import { PREFIX_MISC } from './instructions.ts';
import type { Checker } from './checker.ts';
import { I32, I64 } from './types.ts';
import { bug } from './outcome.ts';

/** table.get and table.set. */
export function checkTableAccess(c: Checker, opcode: number): void {
  const r = c.reader;
  switch (opcode) {
    case 0x25: {
      const index = r.u32();
      const table = c.table(index);
      c.escape(PREFIX_MISC, 0x25, index);
      c.popExpected(c.addressOf(table.limits));
      c.pushType(table.element);
      break;
    }
    case 0x26: {
      const index = r.u32();
      const table = c.table(index);
      c.escape(PREFIX_MISC, 0x26, index);
      c.popExpected(table.element);
      c.popExpected(c.addressOf(table.limits));
      break;
    }
    default: bug(`opcode ${opcode.toString(16)}`);
  }
}

export function checkBulk(c: Checker, second: number): void {
  const r = c.reader;
  switch (second) {
    case 8: {
      const segment = c.data(r.u32());
      const memory = r.u32();
      const address = c.addressOf(c.memory(memory));
      c.escape(PREFIX_MISC, second, segment, memory);
      c.popTypes([address, I32, I32]);
      break;
    }
    case 9: c.escape(PREFIX_MISC, second, c.data(r.u32())); break;
    case 10: {
      const target = r.u32();
      const source = r.u32();
      const to = c.memory(target);
      const from = c.memory(source);
      c.escape(PREFIX_MISC, second, target, source);
      c.popTypes([c.addressOf(to), c.addressOf(from), to.wide && from.wide ? I64 : I32]);
      break;
    }
    case 11: {
      const memory = r.u32();
      const address = c.addressOf(c.memory(memory));
      c.escape(PREFIX_MISC, second, memory);
      c.popTypes([address, I32, address]);
      break;
    }
    case 12: {
      const segment = r.u32();
      const index = r.u32();
      const table = c.table(index);
      if (!c.space.matches(c.element(segment), table.element)) c.invalid('type mismatch: segment does not fit the table');
      c.escape(PREFIX_MISC, second, segment, index);
      c.popTypes([c.addressOf(table.limits), I32, I32]);
      break;
    }
    case 13: {
      const segment = r.u32();
      c.element(segment);
      c.escape(PREFIX_MISC, second, segment);
      break;
    }
    case 14: {
      const target = r.u32();
      const source = r.u32();
      const to = c.table(target);
      const from = c.table(source);
      if (!c.space.matches(from.element, to.element)) c.invalid('type mismatch: tables hold different types');
      c.escape(PREFIX_MISC, second, target, source);
      c.popTypes([c.addressOf(to.limits), c.addressOf(from.limits), to.limits.wide && from.limits.wide ? I64 : I32]);
      break;
    }
    case 15: case 16: case 17: {
      const index = r.u32();
      const table = c.table(index);
      const address = c.addressOf(table.limits);
      c.escape(PREFIX_MISC, second, index);
      if (second === 15) c.popTypes([table.element, address]);
      if (second === 17) c.popTypes([address, table.element, address]);
      else c.pushType(address);
      break;
    }
    default: bug(`opcode fc ${second}`);
  }
}
