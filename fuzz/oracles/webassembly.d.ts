// The part of the JavaScript API of WebAssembly that the lab uses, as an ambient declaration:
// TypeScript ships it only with the browser's types, which this project does not load.

declare namespace WebAssembly {
  type Kind = 'function' | 'memory' | 'table' | 'global' | 'tag';
  class Module {
    constructor(bytes: Uint8Array);
    static exports(module: Module): { name: string; kind: Kind }[];
    static imports(module: Module): { module: string; name: string; kind: Kind }[];
    static customSections(module: Module, name: string): ArrayBuffer[];
  }
  class Instance {
    constructor(module: Module, imports?: object);
    readonly exports: { readonly [name: string]: unknown };
  }
  class Memory {
    constructor(descriptor: { initial: number | bigint; maximum?: number | bigint; shared?: boolean; address?: 'i32' | 'i64' });
    readonly buffer: ArrayBuffer | SharedArrayBuffer;
    grow(delta: number | bigint): number | bigint;
  }
  class Table {
    constructor(descriptor: { element: string; initial: number | bigint; maximum?: number | bigint; address?: 'i32' | 'i64' }, init?: unknown);
    readonly length: number | bigint;
    get(index: number | bigint): unknown;
    set(index: number | bigint, value?: unknown): void;
    grow(delta: number | bigint, init?: unknown): number | bigint;
  }
  class Global {
    constructor(descriptor: { value: string; mutable?: boolean }, value?: unknown);
    value: unknown;
  }
  class Tag {
    constructor(type: { parameters: readonly string[] });
  }
  class Exception extends Error {
    constructor(tag: Tag, payload: readonly unknown[]);
    is(tag: Tag): boolean;
    getArg(tag: Tag, index: number): unknown;
  }
  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}
  function validate(bytes: Uint8Array): boolean;
}
