// Turns a validated body into compact code when its function is first called.
// Chapter: none. Validation runs a second time with an emitter; bodies never called cost nothing.
import type { CompactCode } from './compact.ts';
import { Emitter } from './compact.ts';
import type { FunctionInstance } from './store.ts';
import { compileBody } from './validate-code.ts';
import { bug } from './outcome.ts';

/** Translates a wasm function; with `mapping` the code knows byte offsets. */
export function translate(func: FunctionInstance, mapping: boolean): CompactCode {
  const { instance, body } = func;
  if (instance === undefined || body === undefined) return bug('host function entered');
  const compact = compileBody(instance.context, body, new Emitter(mapping, instance.store.onAccess !== undefined));
  func.compact = compact;
  return compact;
}
