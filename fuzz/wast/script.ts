// What a specification script says, as data: modules by source, actions, and what is asserted of them.
// Grammar: the reference interpreter's `interpreter/README.md`, "Scripts"; later additions of the suite (module definitions and instances, `either`,
// assertions about custom sections, threads) included.

import type { Value } from '../oracles/value.ts';
import type { LaneShape } from './literals.ts';

/** How a module is given. `text` is the whole form `(module …)`; `quote` holds bytes that need not be UTF-8. */
export type ModuleSource =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary'; readonly bytes: Uint8Array }
  | { readonly kind: 'quote'; readonly bytes: Uint8Array };

/** `module` is an identifier with its `$`; undefined means the latest instance. */
export type Action =
  | { readonly kind: 'invoke'; readonly module: string | undefined; readonly name: string; readonly args: readonly Value[] }
  | { readonly kind: 'get'; readonly module: string | undefined; readonly name: string };

/** A float: its exact bits, or one of the two sets of NaNs. */
export type FloatPattern = bigint | 'nan:canonical' | 'nan:arithmetic';

export type ReferencePattern = 'null' | 'func' | 'extern' | 'i31' | 'eq' | 'any' | 'struct' | 'array' | 'exn';

/** What a result must look like. */
export type Pattern =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'float'; readonly type: 'f32' | 'f64'; readonly pattern: FloatPattern }
  | { readonly kind: 'vector'; readonly shape: LaneShape; readonly lanes: readonly FloatPattern[] }
  | { readonly kind: 'reference'; readonly reference: ReferencePattern }
  | { readonly kind: 'host'; readonly id: number }
  | { readonly kind: 'either'; readonly patterns: readonly Pattern[] };

export type Assertion =
  | { readonly kind: 'assert_return'; readonly action: Action; readonly expected: readonly Pattern[] }
  | { readonly kind: 'assert_trap' | 'assert_exhaustion'; readonly action: Action; readonly message: string }
  | { readonly kind: 'assert_exception'; readonly action: Action }
  | { readonly kind: 'assert_uninstantiable' | 'assert_unlinkable'; readonly source: ModuleSource; readonly message: string }
  | { readonly kind: 'assert_invalid' | 'assert_malformed' | 'assert_invalid_custom' | 'assert_malformed_custom'; readonly source: ModuleSource; readonly message: string };

/** `line` is where the command's bracket opens. */
export type Command = { readonly line: number } & (
  | { readonly kind: 'module'; readonly id: string | undefined; readonly source: ModuleSource }
  | { readonly kind: 'module_definition'; readonly id: string | undefined; readonly source: ModuleSource }
  | { readonly kind: 'module_instance'; readonly id: string | undefined; readonly definition: string | undefined }
  | { readonly kind: 'register'; readonly name: string; readonly id: string | undefined }
  | { readonly kind: 'action'; readonly action: Action }
  | { readonly kind: 'thread' | 'wait'; readonly name: string }
  | Assertion
);

export type CommandKind = Command['kind'];
