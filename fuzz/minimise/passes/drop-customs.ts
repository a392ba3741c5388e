// Drops custom sections.

import type { ModulePass } from './pass.ts';

export const dropCustoms: ModulePass = {
  name: 'drop-customs',
  propose: ({ m }) => m.customs.map((custom) => ({ kind: 'module', apply: (now) => ({ ...now, customs: now.customs.filter((one) => one !== custom) }) })),
};
