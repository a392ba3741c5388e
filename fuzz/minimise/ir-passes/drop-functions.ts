// Drops functions; whoever calls them keeps the call.

import type { IrPass } from './pass.ts';

export const dropFunctions: IrPass = {
  name: 'drop-functions',
  propose: ({ ir }) => (ir.functions.length < 2 ? [] : ir.functions.map(({ name }) => (now) => ({ ...now, functions: now.functions.filter((f) => f.name !== name) }))),
};
