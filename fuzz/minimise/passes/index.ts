// The reductions of modules, in the order of one round: what may take most away comes first.

import { dropBodies } from './drop-bodies.ts';
import { dropCustoms } from './drop-customs.ts';
import { dropDead } from './drop-dead.ts';
import { dropEntities } from './drop-entities.ts';
import { dropExports } from './drop-exports.ts';
import { dropLocals } from './drop-locals.ts';
import { dropParameters } from './drop-parameters.ts';
import { dropRanges } from './drop-ranges.ts';
import { dropResults } from './drop-results.ts';
import { dropTails } from './drop-tails.ts';
import { dropTypes } from './drop-types.ts';
import { hoistOperands } from './hoist-operands.ts';
import { inlineCalls } from './inline-calls.ts';
import { keepBetween } from './keep-between.ts';
import { ownImports } from './own-imports.ts';
import type { ModulePass } from './pass.ts';
import { pinArguments } from './pin-arguments.ts';
import { shrinkBlockTypes } from './shrink-block-types.ts';
import { shrinkConstants } from './shrink-constants.ts';
import { shrinkSegments } from './shrink-segments.ts';
import { simplifyBranches } from './simplify-branches.ts';
import { simplifyVariables } from './simplify-variables.ts';
import { thinDead } from './thin-dead.ts';
import { unwrapBlocks } from './unwrap-blocks.ts';

export const modulePasses: readonly ModulePass[] = [
  dropCustoms, dropExports, dropBodies, dropEntities, dropTails, dropRanges, keepBetween, dropDead, thinDead, unwrapBlocks, simplifyBranches, shrinkBlockTypes, hoistOperands, pinArguments, inlineCalls, simplifyVariables,
  dropParameters, dropResults, ownImports, dropLocals, dropTypes, shrinkSegments, shrinkConstants,
];
