// One runner process and the conversation with it: commands out, turns back, as contract/runner.ts says.
//
// Commands wait in the control page until a call, or a full page, sends them. Everything is synchronous: whoever waits looks at the turn a bounded
// number of times, then sleeps on it, and wakes now and then to see whether the runner still lives. Time is counted in such naps, so a
// machine that is busy elsewhere shortens nobody's time by more than it takes.
// Nothing the runner wrote is believed: a turn, an answer or an address that makes no sense ends it. Once lost, it stays lost.

import { type ChildProcess, spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { bug } from '../../base/errors.ts';
import { batchKinds, commandRecord, control, operations, turns, zone, zoneDescriptor, zoneOwnBytes } from '../../contract/runner.ts';
import type { RunnerSystemCall } from '../../contract/runner-program.ts';
import type { TargetName } from '../../isa/index.ts';
import { Words } from '../cells.ts';
import type { Libc } from '../cpu/libc.ts';
import { maybeEmulator } from './emulator.ts';
import { type LossReason, RunnerLost } from './lost.ts';
import type { BuiltRunner } from './program.ts';

const napMilliseconds = 20;
/** How often the driver looks before it sleeps: some microseconds. */
const driverLooks = 400;
const runnerLooks = 400;
/** Seconds after which a sleeping runner looks for its parent. */
const runnerPatience = 1;
/** Naps after which a runner that runs no compiled code is taken for dead: it starts, or the system is slow with what it was asked. */
const patientNaps = 1500;
const programDescriptor = zoneDescriptor + 1;

export interface HostCallRequest {
  readonly context: number;
  readonly block: number;
  readonly number: number;
}

export class Channel {
  /** Descriptor of the zone's file. */
  readonly file: number;
  lost: RunnerLost | undefined = undefined;
  private readonly libc: Libc;
  private readonly runner: BuiltRunner;
  private readonly naps: number;
  private readonly zoneMapping: number;
  private readonly bytes: Uint8Array;
  private readonly words: Words;
  private readonly turn: Int32Array;
  private readonly child: ChildProcess;
  readonly pid: number;
  private pending = 0;
  private staged = 0;
  private closed = false;

  constructor(libc: Libc, target: TargetName, runner: BuiltRunner, zoneBytes: number, timeout: number) {
    this.libc = libc;
    this.runner = runner;
    this.naps = Math.max(1, Math.ceil(timeout / napMilliseconds));
    this.file = libc.memoryFile('assay-zone', zoneBytes);
    this.zoneMapping = libc.maybeMapFile(this.file, 0, zoneOwnBytes) ?? bug('the system refuses to map a shared file');
    const buffer = libc.view(this.zoneMapping, zoneOwnBytes);
    this.bytes = new Uint8Array(buffer);
    this.words = new Words({ address: this.zoneMapping, bytes: this.bytes });
    this.turn = new Int32Array(buffer, control.turn, 1);
    this.words.setAddress(control.parent, process.pid);
    this.words.setAddress(control.patience, runnerPatience);
    this.words.setAddress(control.looks, runnerLooks);
    this.words.setAddress(control.driverPatience + 8, napMilliseconds * 1_000_000);
    this.child = this.start(target, runner.file);
    this.pid = this.child.pid ?? 0;
    if (this.pid === 0) this.lose('ended', 'its process does not start');
  }

  private start(target: TargetName, program: Uint8Array): ChildProcess {
    const emulator = maybeEmulator(target) ?? bug('nothing executes this target here', target);
    const image = this.libc.memoryFile('assay-runner', program.length);
    writeSync(image, program, 0, program.length, 0);
    const path = `/proc/self/fd/${programDescriptor}`;
    const [command, words] = emulator.command === undefined ? [path, []] : [emulator.command, [path]];
    const child = spawn(command, words, { stdio: ['ignore', 'ignore', 'ignore', this.file, image] });
    // A start that fails has no pid, which the constructor sees; an end is seen by whoever waits.
    child.on('error', () => undefined);
    child.unref();
    this.libc.closeFile(image);
    return child;
  }

  /** Ends the runner for good and throws why. */
  lose(reason: LossReason, detail: string): never {
    this.lost ??= new RunnerLost(reason, detail);
    this.child.kill('SIGKILL');
    throw this.lost;
  }

  // ---- commands

  /** The runner's own part of the zone, as the driver sees it. */
  structure(offset: number, byteLength: number): Words {
    return new Words({ address: this.zoneMapping, bytes: this.bytes }, offset, byteLength);
  }

  private push(operation: number, values: readonly number[]): void {
    if (this.pending === zone.commandCount) this.flush();
    const at = zone.commands + commandRecord.size * this.pending++;
    this.words.setAddress(at + commandRecord.operation, operation);
    for (let i = 0; i < 7; i++) this.words.setAddress(at + commandRecord.first + 8 * i, values[i] ?? 0);
  }

  /** A system call of the runner's, made before the next call; what it answers only matters if it is an error, which loses the runner. */
  system(name: RunnerSystemCall, ...values: readonly number[]): void {
    if (this.lost === undefined) this.push(operations.systemCall, [this.runner.program.systemCalls[name], ...values]);
  }

  /** Copies code to an address of the runner's, up to the next multiple of 16 bytes. */
  copy(address: number, code: Uint8Array, stagingAddress: number): void {
    for (let done = 0; done < code.length && this.lost === undefined; ) {
      // Not in the midst of a command: what is staged is free again afterwards.
      if (this.staged >= zone.stagingBytes || this.pending === zone.commandCount) this.flush();
      const count = Math.min(code.length - done, zone.stagingBytes - this.staged);
      const padded = Math.ceil(count / 16) * 16;
      this.bytes.set(code.subarray(done, done + count), zone.staging + this.staged);
      this.push(operations.copy, [0, address + done, stagingAddress + this.staged, padded]);
      this.staged += padded;
      done += count;
    }
  }

  /** Has the waiting commands done. */
  flush(): void {
    if (this.lost !== undefined || this.pending === 0) return;
    this.give(batchKinds.commands);
    if (this.awaitTurn(Math.max(this.naps, patientNaps)) !== turns.done) this.lose('corrupted', 'an answer to what was not a call');
    this.expectGranted();
  }

  /** Calls compiled code and answers what its entry trampoline did; `onHostCall` is asked for each host callback. */
  call(entry: number, code: number, vmctx: number, block: number, onHostCall: (request: HostCallRequest) => boolean): number {
    this.converse(operations.call, [entry, code, vmctx, block], onHostCall);
    const result = this.words.u32At(control.result);
    return result <= 1 ? result : this.lose('corrupted', `an entry trampoline answers ${result}`);
  }

  /** Has a call list worked off, as contract/runner.ts says. */
  callAll(list: number, onHostCall: (request: HostCallRequest) => boolean): void {
    this.converse(operations.calls, [list], onHostCall);
  }

  /** A command that calls compiled code, with the host callbacks on the way. */
  private converse(operation: number, values: readonly number[], onHostCall: (request: HostCallRequest) => boolean): void {
    if (this.lost !== undefined) throw this.lost;
    this.push(operation, values);
    this.give(batchKinds.commands);
    while (this.awaitTurn() === turns.host) {
      const { words } = this;
      const done = onHostCall({ context: words.addressAt(control.context), block: words.addressAt(control.block), number: words.u32At(control.number) | 0 });
      if (this.lost !== undefined) throw this.lost;
      this.words.setAddress(control.answer, done ? 0 : 1);
      this.flush();
      this.give(batchKinds.answer);
    }
    this.expectGranted();
  }

  private expectGranted(): void {
    const refused = this.words.u32At(control.refused);
    if (refused !== 0) this.lose('refused', `a system call failed, errno ${-(refused | 0)}`);
  }

  private give(kind: number): void {
    this.words.setAddress(control.kind, kind);
    this.words.setAddress(control.count, this.pending);
    this.pending = 0;
    this.staged = 0;
    Atomics.store(this.turn, 0, turns.runner);
    this.libc.wake(this.zoneMapping + control.turn);
  }

  /** Waits until the turn is not the runner's: `done` or `host`. Anything else loses it. */
  private awaitTurn(most = this.naps): number {
    const { turn, libc, zoneMapping } = this;
    let now: number = turns.runner;
    for (let i = 0; i < driverLooks && now === turns.runner; i++) now = Atomics.load(turn, 0);
    for (let naps = 0; now === turns.runner; now = Atomics.load(turn, 0)) {
      if (!libc.sleepOn(zoneMapping + control.turn, turns.runner, zoneMapping + control.driverPatience)) continue;
      const end = libc.maybeEndOf(this.pid);
      // It may have answered before it ended.
      if (end !== undefined && Atomics.load(turn, 0) === turns.runner) this.lose('ended', `its process ended by ${end}`);
      if (++naps >= most) this.lose('timeout', `no answer in ${most * napMilliseconds} ms`);
    }
    if (now === turns.done || now === turns.host) return now;
    if (now !== turns.fault) this.lose('corrupted', `the turn is ${now}`);
    const { words } = this;
    const hex = (offset: number): string => `0x${words.addressAt(offset).toString(16)}`;
    return this.lose('fault', `signal ${words.u32At(control.faultSignal)}, pc ${hex(control.faultPc)}, address ${hex(control.faultAddress)}`);
  }

  /** Ends the process and gives back what is mapped. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.lost ??= new RunnerLost('ended', 'it was closed');
    this.child.kill('SIGKILL');
    this.libc.unmap(this.zoneMapping, zoneOwnBytes);
    this.libc.closeFile(this.file);
  }
}
