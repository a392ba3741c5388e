// Takes variables out of the flow of values: a set drops its value, a tee passes it, a get is a constant.

import type { Change } from '../../edit/apply.ts';
import { instruction, opcode } from '../../edit/instructions.ts';
import { maybeDefault } from '../../edit/typing.ts';
import { allSites, type ModulePass, replaceOne } from './pass.ts';

export const simplifyVariables: ModulePass = {
  name: 'simplify-variables',
  propose: ({ m }) => allSites(m).flatMap((site): Change[] => {
    switch (site.one.row.opcode) {
      case opcode.localSet: case opcode.globalSet: return [replaceOne(site, [instruction('drop')])];
      case opcode.localTee: return [replaceOne(site, [])];
      case opcode.localGet: case opcode.globalGet: {
        const plain = maybeDefault(site.pushes[0] ?? '');
        return plain === undefined ? [] : [replaceOne(site, [plain])];
      }
      default: return [];
    }
  }),
};
