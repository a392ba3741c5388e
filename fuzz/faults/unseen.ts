// Planted faults that no comparison of engines ever shows: every result is right. Each is there for the oracle that alone sees it.

import type { Fault } from '../../compiler/inside.ts';
import { a64StoreMadeTwice } from './aarch64/store-made-twice.ts';
import { irLoadMadeTwice, irLoadReadsNeighbours } from './ir-reads-more.ts';
import { loadMadeTwice } from './load-made-twice.ts';
import { loadReadsNeighbours } from './load-reads-neighbours.ts';
import { operandsInAnyOrder } from './operands-in-any-order.ts';
import { passesCancel } from './passes-cancel.ts';
import { paymentDropped } from './payment-dropped.ts';
import { reloadIsWide } from './reload-is-wide.ts';

export interface UnseenFault {
  readonly name: string;
  readonly summary: string;
  /** Where such a thing has happened before. */
  readonly history: string;
  /** The only oracle that sees it, by name. */
  readonly oracle: string;
  readonly faults: readonly Fault[];
  /** A module that shows it to the oracle. */
  readonly witness: string;
}

export const unseenFaults: readonly UnseenFault[] = [operandsInAnyOrder, irLoadReadsNeighbours, irLoadMadeTwice, loadReadsNeighbours, loadMadeTwice, a64StoreMadeTwice, paymentDropped, passesCancel, reloadIsWide];
