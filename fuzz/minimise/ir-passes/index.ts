// The reductions of IR, in the order of one round: what may take most away comes first.

import { dropFunctions } from './drop-functions.ts';
import { dropInstructions } from './drop-instructions.ts';
import { dropParameters } from './drop-parameters.ts';
import { dropResults } from './drop-results.ts';
import { endEarly } from './end-early.ts';
import { mergeBlocks } from './merge-blocks.ts';
import type { IrPass } from './pass.ts';
import { renumber } from './renumber.ts';
import { shrinkConstants } from './shrink-constants.ts';
import { simplifyBranches } from './simplify-branches.ts';
import { useOthers } from './use-others.ts';

export const irPasses: readonly IrPass[] = [dropFunctions, endEarly, simplifyBranches, dropInstructions, mergeBlocks, useOthers, dropParameters, dropResults, shrinkConstants, renumber];
