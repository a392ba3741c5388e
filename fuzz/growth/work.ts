// Counts work, not time: how often each block of the compiler's own code runs (V8's block coverage), and how many elements its built-ins touch.
//
// Invariant: `begin` comes before the first import of what is measured, since V8 counts blocks only of code that it compiles afterwards. The numbers
// depend on the code and its input alone, so that they are the same on every machine and every day.
//
// V8 gives ranges of source with a count, nested in each other; a block that runs as often as the one around it has no range of its own. The sum over a
// function's ranges is not the number of its blocks, but grows as fast. What built-ins do for an array of n elements shows nowhere in that, so that those of
// arrays and typed arrays are replaced by ones that add up n first; making a typed array counts its elements, because somebody has to clear them. A large one
// is counted to the source file that asked for it. `Map`, `Set` and strings are not looked into: one operation of theirs is one call.

import { type Profiler, Session } from 'node:inspector';

/** Work by source file and function, `file name line`. */
export type Work = ReadonlyMap<string, number>;

/** From how many elements on it is worth finding out who asks. */
const large = 64;
const repository = new URL('../../', import.meta.url).href;

/** They ask on behalf of others. */
const storage: ReadonlySet<string> = new Set(['compiler/base/storage.ts', 'compiler/base/growable.ts']);

/** Who asks for a built-in, from the stack: the innermost source file of this repository but this one and those of storage, and the two functions there and around it. */
function callerOf(stack: string): string {
  const names: string[] = [];
  let file: string | undefined;
  for (const line of stack.split('\n')) {
    const at = line.indexOf(repository);
    if (at < 0 || line.includes('fuzz/growth/work.ts')) continue;
    const here = line.slice(at + repository.length).replace(/:\d+:\d+\)?$/, '');
    if (file === undefined && storage.has(here)) continue;
    file ??= here;
    if (names.push(/at (?:new )?(\S+) \(/.exec(line)?.[1] ?? '(anonymous)') === 2) break;
  }
  return file === undefined ? smallOnes : `${file} built-ins of ${names.join(', from ')}`;
}

const smallOnes = 'elsewhere built-ins';

/** Elements that a method of an array with `length` of them touches. */
function touched(name: string, length: number, args: readonly unknown[]): number {
  const within = (from: unknown, to: unknown): number => {
    const place = (value: unknown, otherwise: number): number => (typeof value !== 'number' ? otherwise : value < 0 ? Math.max(0, length + value) : Math.min(length, value));
    return Math.max(0, place(to, length) - place(from, 0));
  };
  const [first] = args;
  switch (name) {
    case 'fill': return within(args[1], args[2]);
    case 'copyWithin': return within(args[1], args[2]);
    case 'slice': return within(args[0], args[1]);
    case 'splice': return within(args[0], undefined);
    // Copies its argument, whatever the length of what it is copied into.
    case 'set': return typeof first === 'object' && first !== null && 'length' in first ? Number(first.length) : 0;
    default: return length;
  }
}

export class WorkCounter {
  private readonly session = new Session();
  private elements = new Map<string, number>();
  private isCounting = false;

  begin(): void {
    this.session.connect();
    this.post('Profiler.enable');
    this.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    this.watchBuiltins();
  }

  /** What `action` takes. */
  of(action: () => void): Work {
    this.take();
    this.elements = new Map();
    this.isCounting = true;
    try {
      action();
    } finally {
      this.isCounting = false;
    }
    return this.take();
  }

  private take(): Map<string, number> {
    const work = new Map<string, number>();
    for (const { url, functions } of this.coverage()) {
      if (!url.startsWith(repository) || url.includes('/node_modules/') || url.includes('/fuzz/growth/')) continue;
      const file = url.slice(repository.length);
      for (const { functionName, ranges } of functions) {
        let sum = 0;
        for (const { count } of ranges) sum += count;
        if (sum === 0) continue;
        const key = `${file} ${functionName === '' ? '(anonymous)' : functionName}`;
        work.set(key, (work.get(key) ?? 0) + sum);
      }
    }
    for (const [who, count] of this.elements) work.set(who, (work.get(who) ?? 0) + count);
    return work;
  }

  private coverage(): readonly Profiler.ScriptCoverage[] {
    let answer: readonly Profiler.ScriptCoverage[] = [];
    this.session.post('Profiler.takePreciseCoverage', (error, result) => {
      if (error !== null) throw error;
      answer = result.result;
    });
    return answer;
  }

  private post(method: 'Profiler.enable' | 'Profiler.startPreciseCoverage', params?: object): void {
    const done = (error: Error | null): void => {
      if (error !== null) throw error;
    };
    if (method === 'Profiler.enable') this.session.post(method, done);
    else this.session.post(method, params, done);
  }

  private add(count: number): void {
    if (!this.isCounting) return;
    this.isCounting = false;
    const who = count < large ? smallOnes : callerOf(new Error('who asks').stack ?? '');
    this.elements.set(who, (this.elements.get(who) ?? 0) + count);
    this.isCounting = true;
  }

  private watchBuiltins(): void {
    // Stacks are cut off at ten frames; callers are near.
    const arrays: readonly string[] = ['splice', 'shift', 'unshift', 'indexOf', 'lastIndexOf', 'includes', 'slice', 'concat', 'fill', 'copyWithin', 'reverse', 'join', 'sort', 'toSorted', 'with', 'flat'];
    const typed: readonly string[] = ['fill', 'set', 'slice', 'copyWithin', 'indexOf', 'includes', 'reverse', 'sort', 'toSorted', 'join'];
    const prototypes: readonly (readonly [object, readonly string[]])[] = [[Array.prototype, arrays], [Object.getPrototypeOf(Int32Array.prototype) as object, typed]];
    for (const [prototype, names] of prototypes) for (const name of names) this.watchMethod(prototype, name);
    for (const name of ['Int8Array', 'Uint8Array', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array']) this.watchConstructor(name);
  }

  private watchMethod(prototype: object, name: string): void {
    const known: unknown = Reflect.get(prototype, name);
    if (typeof known !== 'function') return;
    const add = (count: number): void => this.add(count);
    Reflect.set(prototype, name, function (this: { readonly length: number }, ...args: readonly unknown[]): unknown {
      add(touched(name, this.length, args));
      return Reflect.apply(known, this, args);
    });
  }

  private watchConstructor(name: string): void {
    const known: unknown = Reflect.get(globalThis, name);
    if (typeof known !== 'function') return;
    const add = (count: number): void => this.add(count);
    Reflect.set(globalThis, name, new Proxy(known, {
      construct: (target, args, newTarget) => {
        const made: unknown = Reflect.construct(target, args, newTarget);
        // A view of a buffer costs nothing for its elements, but for one that storage.ts cuts out of a fresh buffer: they were cleared for it.
        const isView = (args[0] instanceof ArrayBuffer || args[0] instanceof SharedArrayBuffer) && args.length < 3;
        if (!isView && typeof made === 'object' && made !== null && 'length' in made) add(Number(made.length));
        return made as object;
      },
    }));
  }
}
