// The one small object passed down the pipeline, through which a run is limited, varied and watched.
// may:    asks leave for one optional change and spends fuel; with fuel k only the first k optional changes happen,
//         so that bisecting fuel names the change that broke a program.
// choose: a decision that must alter code and never meaning; constant 0 in production, driven by a fuzzer under test.
// fired:  a rule or pass made a change; counted by name, so that coverage can list rules that never fired.

export interface Control {
  /** True if one more optional change is allowed; spends one unit of fuel. `what` names the pass or rule that asks. */
  may(what: string): boolean;
  /** A number in `[0, n)`; 0 unless a chooser is installed. */
  choose(n: number): number;
  /** Counts one firing of the rule called `rule`. */
  fired(rule: string): void;
}

export interface ControlOptions {
  /** Optional changes allowed; absent means unlimited. */
  readonly fuel?: number;
  /** Which changes cost fuel, by name; all unless given. The others happen and are not counted as asked for. */
  readonly limits?: (what: string) => boolean;
  /** Source of choices: answers a number in `[0, n)`. */
  readonly chooser?: (n: number) => number;
}

/** A control with counters one can read afterwards. */
export class CountingControl implements Control {
  /** Optional changes asked for so far, granted or not. */
  asked = 0;
  /** The last change that was granted, by name; what fuel bisection reports. */
  lastGranted: string | undefined = undefined;
  readonly firings = new Map<string, number>();
  private readonly fuel: number;
  private readonly limits: ((what: string) => boolean) | undefined;
  private readonly chooser: ((n: number) => number) | undefined;
  constructor(options: ControlOptions = {}) {
    this.fuel = options.fuel ?? Infinity;
    this.limits = options.limits;
    this.chooser = options.chooser;
  }
  /** Whether it ever says no, or chooses other than 0. */
  get decides(): boolean {
    return this.fuel !== Infinity || this.chooser !== undefined;
  }
  may(what: string): boolean {
    if (this.limits !== undefined && !this.limits(what)) return true;
    if (this.asked++ >= this.fuel) return false;
    this.lastGranted = what;
    return true;
  }
  choose(n: number): number {
    return this.chooser === undefined ? 0 : this.chooser(n);
  }
  fired(rule: string): void {
    this.firings.set(rule, (this.firings.get(rule) ?? 0) + 1);
  }
}
