// The planted faults by name: those that any backend shows, of which x86-64 is looked at, and those of one ISA.

import { a64ClearBitsSwapped } from './aarch64/clear-bits-swapped.ts';
import { a64CompareWithNegated } from './aarch64/compare-with-negated.ts';
import { a64IndexKeepsUpperHalf } from './aarch64/index-keeps-upper-half.ts';
import { a64MultiplyAddSubtracts } from './aarch64/multiply-add-subtracts.ts';
import { a64ShiftAmountLosesBit } from './aarch64/shift-amount-loses-bit.ts';
import { a64SumExtendsSign } from './aarch64/sum-extends-sign.ts';
import { addressExtendsSign } from './address-extends-sign.ts';
import { arithmeticShiftIsLogical } from './arithmetic-shift-is-logical.ts';
import { byteRegisterWithoutRex } from './byte-register-without-rex.ts';
import { callSparesARegister } from './call-spares-a-register.ts';
import { compareGetsTypeOfResult } from './compare-gets-type-of-result.ts';
import { deadlyFaults } from './compiler-dies.ts';
import { extensionFillsWithZero } from './extension-fills-with-zero.ts';
import type { PlantedFault } from './fault.ts';
import { hostArgumentsNarrowed } from './host-arguments-narrowed.ts';
import { instructionSizesUnderstated } from './instruction-sizes-understated.ts';
import { lastMoveSkipped } from './last-move-skipped.ts';
import { loadForgetsStore } from './load-forgets-store.ts';
import { loopBranchShiftsOperands } from './loop-branch-shifts-operands.ts';
import { operandInAnotherRegister } from './operand-in-another-register.ts';
import { quadraticWalk } from './quadratic-walk.ts';
import { reloadExtendsSign } from './reload-extends-sign.ts';
import { rvArithmeticShiftIsLogical } from './riscv64/arithmetic-shift-is-logical.ts';
import { rvBranchDisplacementLosesBit } from './riscv64/branch-displacement-loses-bit.ts';
import { rvExtensionForgotten } from './riscv64/extension-forgotten.ts';
import { rvRotationOfWrongWidth } from './riscv64/rotation-of-wrong-width.ts';
import { rvShortConstantWraps } from './riscv64/short-constant-wraps.ts';
import { rvStoreDisplacementLosesBit } from './riscv64/store-displacement-loses-bit.ts';
import { shiftCountUnmasked } from './shift-count-unmasked.ts';
import { shiftFoldIsWide } from './shift-fold-is-wide.ts';
import { shiftFoldsIntoScale } from './shift-folds-into-scale.ts';
import { shiftLeftGoesRight } from './shift-left-goes-right.ts';
import { temporaryWrittenLate } from './temporary-written-late.ts';
import { trapCodesByOrdinal } from './trap-codes-by-ordinal.ts';
import { unsignedDivisionKeepsSign } from './unsigned-division-keeps-sign.ts';
import { wideningFoldKeepsSign } from './widening-fold-keeps-sign.ts';
import { unseenFaults } from './unseen.ts';
import { xorIsOr } from './xor-is-or.ts';

/** In the order in which a module passes the parts they sit in. */
export const plantedFaults: readonly PlantedFault[] = [
  loopBranchShiftsOperands, addressExtendsSign,
  wideningFoldKeepsSign, shiftFoldIsWide, shiftCountUnmasked, unsignedDivisionKeepsSign, compareGetsTypeOfResult, loadForgetsStore,
  shiftFoldsIntoScale, arithmeticShiftIsLogical, extensionFillsWithZero, xorIsOr,
  callSparesARegister, temporaryWrittenLate, reloadExtendsSign, operandInAnotherRegister, lastMoveSkipped,
  byteRegisterWithoutRex, shiftLeftGoesRight, instructionSizesUnderstated,
  trapCodesByOrdinal, hostArgumentsNarrowed,
  a64IndexKeepsUpperHalf, a64SumExtendsSign, a64CompareWithNegated, a64ClearBitsSwapped, a64MultiplyAddSubtracts, a64ShiftAmountLosesBit,
  rvExtensionForgotten, rvRotationOfWrongWidth, rvShortConstantWraps, rvArithmeticShiftIsLogical, rvStoreDisplacementLosesBit, rvBranchDisplacementLosesBit,
];

/** A fault by name, those included that are deadly and those that only an oracle of compilations sees. */
export function maybeFault(name: string): Pick<PlantedFault, 'name' | 'faults'> | undefined {
  return [...plantedFaults, ...unseenFaults, ...deadlyFaults, quadraticWalk].find((fault) => fault.name === name);
}

/** The one that a campaign plants at its start, to prove that it can catch. */
export const selfTestFault: PlantedFault = xorIsOr;
