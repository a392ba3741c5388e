// The thread of the interpreter in the npm package `webassemblyjs`: instantiates a module, calls its exports, and says what came of each call.
//
// The package skips instructions that it has no code for, so loops that should end need not: every step looks an instruction up in one object, and the
// object that it is given counts the look-ups.

import { createRequire } from 'node:module';
import { workerData } from 'node:worker_threads';
import { serve, type ThreadOrder } from './thread.ts';
import { type CallAnswer, type CallArgument, type ModuleAnswer, type ModuleQuestion, outOfSteps } from './webassemblyjs-protocol.ts';

/** Instructions that one call may execute. */
const mostSteps = 200_000;

const require = createRequire(import.meta.url);
const own = createRequire(require.resolve('webassemblyjs'));
const { decode } = own('@webassemblyjs/wasm-parser') as { decode: (bytes: Uint8Array) => object };
const { createCompiledModule } = own('./compiler/compile/module') as { createCompiledModule: (ast: object) => { _ir: { program: Record<string, object> } } };
const { Instance } = own('./interpreter') as { Instance: new (module: object, imports: object) => { exports: Readonly<Record<string, (...args: readonly CallArgument[]) => unknown>> } };

let steps = 0;
const counted = (program: Record<string, object>): Record<string, object> => new Proxy(program, {
  get: (target, key) => {
    if (++steps > mostSteps) throw new Error(outOfSteps);
    return Reflect.get(target, key) as unknown;
  },
});

function errorOf(error: unknown): { readonly name: string; readonly message: string } {
  return error instanceof Error ? { name: error.constructor.name, message: error.message } : { name: 'no error', message: String(error) };
}

/** The interpreter's own value: a number behind `toNumber`, a 64-bit integer as a pair of halves. */
function valueOf(result: unknown): CallAnswer {
  if (typeof result !== 'object' || result === null || !('type' in result) || !('value' in result)) return { kind: 'nothing' };
  const { type, value } = result;
  if (typeof type !== 'string' || typeof value !== 'object' || value === null) return { kind: 'error', name: 'value', message: 'a result that is no value' };
  if ('_value' in value && typeof value._value === 'number' && (type === 'f32' || type === 'f64')) return { kind: 'float', type, number: value._value };
  if ('_value' in value) return { kind: 'value', type, text: String(value._value) };
  return { kind: 'error', name: 'value', message: `a result of type ${type} without a value` };
}

function answer({ bytes, calls }: ModuleQuestion): ModuleAnswer {
  let module: ReturnType<typeof createCompiledModule>;
  try {
    module = createCompiledModule(decode(bytes));
  } catch (error) {
    const { name, message } = errorOf(error);
    return { kind: 'refused', message: `${name}: ${message}` };
  }
  steps = 0;
  module._ir.program = counted(module._ir.program);
  let exports: Readonly<Record<string, (...args: readonly CallArgument[]) => unknown>>;
  try {
    ({ exports } = new Instance(module, { _internalInstanceOptions: { checkForI64InSignature: false, returnStackLocal: true } }));
  } catch (error) {
    return { kind: 'not-instantiated', ...errorOf(error) };
  }
  return {
    kind: 'ran',
    calls: calls.map(({ name, args }): CallAnswer => {
      steps = 0;
      try {
        const call = exports[name];
        return call === undefined ? { kind: 'error', name: 'export', message: 'not there' } : valueOf(call(...args));
      } catch (error) {
        return { kind: 'error', ...errorOf(error) };
      }
    }),
  };
}

serve(workerData as ThreadOrder, (question) => Promise.resolve(answer(question as ModuleQuestion)));
