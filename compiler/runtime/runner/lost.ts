// A runner that can no longer be used, and why. What ran in it is lost with it; the next store gets another runner.

export type LossReason =
  /** It did not answer in time: compiled code loops, or seems to. */
  | 'timeout'
  /** Its process ended. */
  | 'ended'
  /** A signal outside compiled code, after a jump to nowhere for instance. */
  | 'fault'
  /** What it wrote into the control page makes no sense: compiled code wrote where it must not. */
  | 'corrupted'
  /** The system refused it something it cannot do without. */
  | 'refused';

export class RunnerLost extends Error {
  readonly reason: LossReason;
  constructor(reason: LossReason, detail: string) {
    super(`the runner is lost (${reason}): ${detail}`);
    this.name = 'RunnerLost';
    this.reason = reason;
  }
}
