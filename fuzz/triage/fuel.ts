// Bisection by fuel: of the optional changes that a compilation makes in order, which one makes the difference?
//
// With fuel k only the first k changes happen. Where none agrees and all disagree there is a k so that k agree and k + 1 do not, and halving the range finds
// one in about log2 n runs, whether or not there are others: the change k + 1 is then what brings the fault to light.

import { compile, type CompileOptions } from '../../compiler/index.ts';
import { CountingControl } from '../../compiler/inside.ts';
import type { Engine } from '../oracles/engine.ts';

export interface FuelAnswer {
  /** Changes that still agree; the next one is to blame. */
  readonly fuel: number;
  /** Changes there are. */
  readonly total: number;
  /** Name of the change to blame. */
  readonly change: string;
}

/** `none`: engines disagree without any change, so that no change can be to blame. */
export type Bisection = FuelAnswer | 'none';

/** Spends fuel as far as a compilation comes; a stage that throws is a difference like any other. */
function spend(bytes: Uint8Array, options: CompileOptions): void {
  try {
    compile(bytes, options);
  } catch {
    // What it throws is what is being looked for: the changes made until then are counted.
  }
}

/** `open` makes the engine with a control; `limits` says which changes count; each halving is told to `onStep`. */
export async function bisectFuel(
  bytes: Uint8Array,
  options: CompileOptions,
  limits: ((what: string) => boolean) | undefined,
  open: (control: CountingControl) => Promise<Engine>,
  agreesWith: (engine: Engine) => boolean,
  onStep: (text: string) => void,
): Promise<Bisection> {
  const controlOf = (fuel?: number): CountingControl => new CountingControl({ ...(fuel === undefined ? {} : { fuel }), ...(limits === undefined ? {} : { limits }) });
  const all = controlOf();
  spend(bytes, { ...options, control: all });
  const total = all.asked;
  const agreesAt = async (fuel: number): Promise<boolean> => {
    const agrees = agreesWith(await open(controlOf(fuel)));
    onStep(`with the first ${fuel} of ${total} changes: ${agrees ? 'agrees' : 'differs'}`);
    return agrees;
  };
  if (!(await agreesAt(0))) return 'none';
  let good = 0;
  let bad = total;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (await agreesAt(middle)) good = middle;
    else bad = middle;
  }
  const last = controlOf(bad);
  spend(bytes, { ...options, control: last });
  return last.lastGranted === undefined ? 'none' : { fuel: good, total, change: last.lastGranted };
}
