// Drops exports: what is not called and not looked at needs no name.

import type { ModulePass } from './pass.ts';

export const dropExports: ModulePass = {
  name: 'drop-exports',
  propose: ({ m }) => m.exports.map(({ name }) => ({ kind: 'module', apply: (now) => ({ ...now, exports: now.exports.filter((one) => one.name !== name) }) })),
};
