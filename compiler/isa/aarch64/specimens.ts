// Short pieces of assembly for tests and planted faults.

import { bug } from '../../base/errors.ts';
import { zoneAddress } from '../../contract/runner.ts';
import type { Specimens } from '../../contract/specimens.ts';

export const specimens: Specimens = {
  // exit_group
  exit: ['movz x8, #94, lsl #0', 'movz x0, #42, lsl #0', 'svc #0'],
  endlessLoop: ['b 0x0'],
  wildJump: ['movz x0, #4660, lsl #0', 'br x0'],
  wildAccess: ['movz x0, #4660, lsl #0', 'ldr w0, [x0]'],
  stackOverflow: ['stp x29, x30, [sp, #-16]!', 'b 0x0'],
  spoiledControlPage: [zoneAddress === 2 ** 44 ? 'movz x0, #4096, lsl #32' : bug('the zone begins elsewhere', 'aarch64/specimens.ts'), 'movz x1, #77, lsl #0', 'str w1, [x0]', 'udf #0'],
};
