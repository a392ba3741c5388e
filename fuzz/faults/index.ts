// The planted faults by name: of the mid-end, of the lowering, of the allocator, of the encoder.

import { arithmeticShiftIsLogical } from './arithmetic-shift-is-logical.ts';
import { deadlyFaults } from './compiler-dies.ts';
import { extensionFillsWithZero } from './extension-fills-with-zero.ts';
import type { PlantedFault } from './fault.ts';
import { operandInAnotherRegister } from './operand-in-another-register.ts';
import { shiftCountUnmasked } from './shift-count-unmasked.ts';
import { shiftLeftGoesRight } from './shift-left-goes-right.ts';
import { unsignedDivisionKeepsSign } from './unsigned-division-keeps-sign.ts';
import { xorIsOr } from './xor-is-or.ts';

export const plantedFaults: readonly PlantedFault[] = [
  unsignedDivisionKeepsSign, shiftCountUnmasked, extensionFillsWithZero, arithmeticShiftIsLogical, xorIsOr, operandInAnotherRegister, shiftLeftGoesRight,
];

/** A fault by name, the deadly ones included. */
export function maybeFault(name: string): Pick<PlantedFault, 'name' | 'faults'> | undefined {
  return [...plantedFaults, ...deadlyFaults].find((fault) => fault.name === name);
}

/** The one that a campaign plants at its start, to prove that it can catch. */
export const selfTestFault: PlantedFault = xorIsOr;
