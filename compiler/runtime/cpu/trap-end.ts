// What a store context says after compiled code left through the trap exit.

import { bug } from '../../base/errors.ts';
import type { CallEnd } from '../../contract/processor.ts';
import { trapCodes } from '../../contract/traps.ts';
import { storeContext } from '../../contract/vmctx.ts';
import type { Words } from '../cells.ts';
import { UnknownFault } from '../faults.ts';
import type { NativeCode } from './loaded-code.ts';
import type { Stack } from './stacks.ts';

/** `words` is the store context, `code` what lies at its trap pc. Throws `UnknownFault` where no trap can be. */
export function endOfTrap(words: Words, stack: Stack, code: NativeCode | undefined): CallEnd {
  const pc = words.addressAt(storeContext.trapPc);
  const signal = words.u32At(storeContext.trapSignal);
  const address = words.addressAt(storeContext.trapAddress);
  const hostTrap = words.u32At(storeContext.hostTrap);
  words.setAddress(storeContext.hostTrap, 0);
  const place = code?.maybeTrapAt(pc);
  if (place === undefined) {
    const why = signal === 0 ? 'an explicit trap that the trap table does not know' : stack.contains(address) ? 'compiled code ran off its stack' : 'a signal where no trap can be';
    throw new UnknownFault(why, { pc, address, signal }, code?.placeOf(pc));
  }
  const { trap, origin } = place;
  if (trap === trapCodes.hostError) {
    return { end: 'trapped', trap: hostTrap === 0 ? bug('a host call failed without saying why') : hostTrap, origin, address: undefined };
  }
  return signal === 0 ? { end: 'trapped', trap, origin, address: undefined } : { end: 'trapped', trap, origin, address, pc };
}
