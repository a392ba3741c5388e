// Makes control simpler: a conditional branch is never taken, or always; a table of branches becomes one of its branches, or has that one alone; a tail call
// becomes a call and a return.

import type { Change } from '../../edit/apply.ts';
import { type Argument, instruction, opcode } from '../../edit/instructions.ts';
import { allSites, type ModulePass, replaceOne } from './pass.ts';

export const simplifyBranches: ModulePass = {
  name: 'simplify-branches',
  propose: ({ m }) => allSites(m).flatMap((site): Change[] => {
    const { row, args } = site.one;
    const [label = 0] = args;
    switch (row.opcode) {
      case opcode.brIf:
        return [replaceOne(site, [instruction('drop')]), replaceOne(site, [instruction('drop'), instruction('br', label)])];
      case opcode.brTable: {
        const distinct = [...new Set<Argument>([args.at(-1) ?? 0, ...args])];
        const alone = args.length > 1 ? distinct.map((one) => replaceOne(site, [{ row, args: [one] }])) : [];
        const shorter = args.length > 2 ? [replaceOne(site, [{ row, args: [args[0] ?? 0, args.at(-1) ?? 0] }])] : [];
        return [...distinct.map((one) => replaceOne(site, [instruction('drop'), instruction('br', one)])), ...alone, ...shorter];
      }
      case opcode.returnCall: return [replaceOne(site, [instruction('call', label), instruction('return')])];
      case opcode.returnCallIndirect: return [replaceOne(site, [instruction('call_indirect', ...args), instruction('return')])];
      case opcode.returnCallRef: return [replaceOne(site, [instruction('call_ref', label), instruction('return')])];
      // At the very end of a body a return is nothing.
      case opcode.return: return site.depth === 1 && site.at === site.list.length - 1 ? [replaceOne(site, [])] : [];
      default: return [];
    }
  }),
};
