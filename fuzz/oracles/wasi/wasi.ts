// WASI preview 1 for a program on any engine: the shim works on the engine's memory, so that every engine sees the same host.
// Clock and random numbers are the real ones, or a fixed sequence, so that two runs of one program can be compared.
// A pointer outside the memory is answered with "bad address", as the system call of a real host would.

import { WASI, WASIProcExit, wasi } from '@bjorn3/browser_wasi_shim';
import { type EngineFunctionType, type EngineInstance, type EngineModule, type EngineStore, type Extern, HostExit, HostTrap, type ImportResolver } from '../engine.ts';
import type { Value } from '../value.ts';
import { HostFolder, InputStream, OutputStream } from './host-files.ts';

export const wasiModule = 'wasi_snapshot_preview1';

/** Parameter types of every function, `i` for i32 and `I` for i64; all answer an i32 but `proc_exit`. */
const signatures: Record<string, string> = {
  args_get: 'ii', args_sizes_get: 'ii', clock_res_get: 'ii', clock_time_get: 'iIi', environ_get: 'ii', environ_sizes_get: 'ii',
  fd_advise: 'iIIi', fd_allocate: 'iII', fd_close: 'i', fd_datasync: 'i', fd_fdstat_get: 'ii', fd_fdstat_set_flags: 'ii', fd_fdstat_set_rights: 'iII',
  fd_filestat_get: 'ii', fd_filestat_set_size: 'iI', fd_filestat_set_times: 'iIIi', fd_pread: 'iiiIi', fd_prestat_dir_name: 'iii', fd_prestat_get: 'ii',
  fd_pwrite: 'iiiIi', fd_read: 'iiii', fd_readdir: 'iiiIi', fd_renumber: 'ii', fd_seek: 'iIii', fd_sync: 'i', fd_tell: 'ii', fd_write: 'iiii',
  path_create_directory: 'iii', path_filestat_get: 'iiiii', path_filestat_set_times: 'iiiiIIi', path_link: 'iiiiiii', path_open: 'iiiiiIIii',
  path_readlink: 'iiiiii', path_remove_directory: 'iii', path_rename: 'iiiiii', path_symlink: 'iiiii', path_unlink_file: 'iii', poll_oneoff: 'iiii',
  proc_exit: 'i', proc_raise: 'i', random_get: 'ii', sched_yield: '', sock_accept: 'iii', sock_recv: 'iiiiii', sock_send: 'iiiii', sock_shutdown: 'ii',
};

export interface WasiOptions {
  /** The program's name first. */
  readonly args: readonly string[];
  /** `NAME=value`. */
  readonly environment: readonly string[];
  /** Bytes, or a descriptor of this process. */
  readonly stdin: Uint8Array | number;
  readonly stdout: (bytes: Uint8Array) => void;
  readonly stderr: (bytes: Uint8Array) => void;
  /** Folders the program may open, by the names it knows them under. */
  readonly folders: readonly { readonly guest: string; readonly host: string }[];
  /** Clock and random numbers from a fixed sequence. */
  readonly deterministic: boolean;
}

/** True if the module imports from WASI preview 1. */
export function importsWasi(module: EngineModule): boolean {
  return module.imports.some((wanted) => wanted.module === wasiModule);
}

type HostCall = (...args: (number | bigint)[]) => unknown;

const text = new TextEncoder();

/** A WASI world for one instance. */
export class WasiHost {
  private readonly shim: WASI;
  private readonly store: EngineStore;
  private readonly externs = new Map<string, Extern>();
  private readonly overrides: Record<string, HostCall>;
  private instance: EngineInstance | undefined = undefined;
  private clock = 1_000_000_000_000n;
  private random = 0x2545f491;

  constructor(store: EngineStore, options: WasiOptions) {
    this.store = store;
    const descriptors = [
      new InputStream(options.stdin),
      new OutputStream(options.stdout),
      new OutputStream(options.stderr),
      ...options.folders.map(({ guest, host }) => new HostFolder(host, guest)),
    ];
    this.shim = new WASI([...options.args], [...options.environment], descriptors, { debug: false });
    const buffer = (): ArrayBufferLike => this.bytes().buffer;
    const memory = {
      get buffer(): ArrayBufferLike {
        return buffer();
      },
    };
    // The shim asks for a WebAssembly.Memory; it only reads `buffer`, anew at each call.
    this.shim.inst = { exports: { memory } } as typeof this.shim.inst;
    this.overrides = this.ownCalls(options);
  }

  /** What the shim lacks, gets wrong for non-ASCII arguments, or would make differ from run to run. */
  private ownCalls(options: WasiOptions): Record<string, HostCall> {
    const { shim } = this;
    const u32 = (at: number | bigint, value: number): void => this.view().setUint32(Number(at), value, true);
    const always: Record<string, HostCall> = {
      args_sizes_get: (count, bytes) => {
        u32(count ?? 0, shim.args.length);
        u32(bytes ?? 0, shim.args.reduce((sum, arg) => sum + text.encode(arg).length + 1, 0));
        return wasi.ERRNO_SUCCESS;
      },
      path_rename: (from, path, length, to, newPath, newLength) => {
        const source = shim.fds[Number(from)];
        const target = shim.fds[Number(to)];
        if (!(source instanceof HostFolder) || !(target instanceof HostFolder)) return wasi.ERRNO_BADF;
        return source.rename(this.string(path, length), target, this.string(newPath, newLength));
      },
      sched_yield: () => wasi.ERRNO_SUCCESS,
      sock_accept: () => wasi.ERRNO_NOTSUP,
      sock_recv: () => wasi.ERRNO_NOTSUP,
      sock_send: () => wasi.ERRNO_NOTSUP,
      sock_shutdown: () => wasi.ERRNO_NOTSUP,
      path_symlink: () => wasi.ERRNO_NOTSUP,
      proc_raise: () => {
        throw new HostTrap('unreachable');
      },
    };
    if (!options.deterministic) return always;
    return {
      ...always,
      clock_time_get: (_id, _precision, at) => {
        this.clock += 1_000_000n;
        this.view().setBigUint64(Number(at), this.clock, true);
        return wasi.ERRNO_SUCCESS;
      },
      random_get: (at, length) => {
        const bytes = this.bytes().subarray(Number(at), Number(at) + Number(length));
        // xorshift32 (Marsaglia 2003): any fixed sequence will do.
        for (let i = 0; i < bytes.length; i++) {
          this.random ^= this.random << 13;
          this.random ^= this.random >>> 17;
          this.random ^= this.random << 5;
          bytes[i] = this.random;
        }
        return wasi.ERRNO_SUCCESS;
      },
    };
  }

  private bytes(): Uint8Array {
    if (this.instance === undefined) throw new HostTrap('WASI called before the instance was there');
    const bytes = this.instance.memory('memory').bytes();
    if (bytes.byteOffset !== 0) throw new TypeError('a memory that does not begin its buffer cannot be shown to WASI');
    return bytes;
  }
  private view(): DataView {
    const bytes = this.bytes();
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  private string(at: number | bigint | undefined, length: number | bigint | undefined): string {
    const start = Number(at);
    return new TextDecoder().decode(this.bytes().slice(start, start + Number(length)));
  }

  /** Resolves WASI's functions; anything else is left to `others`. */
  resolver(others: ImportResolver = () => undefined): ImportResolver {
    return (module, name) => (module === wasiModule ? this.maybeFunction(name) : others(module, name));
  }

  private maybeFunction(name: string): Extern | undefined {
    const signature = signatures[name];
    if (signature === undefined) return undefined;
    const known = this.externs.get(name);
    if (known !== undefined) return known;
    const type: EngineFunctionType = { params: [...signature].map((c) => (c === 'i' ? 'i32' : 'i64')), results: name === 'proc_exit' ? [] : ['i32'] };
    const call = this.overrides[name] ?? (Reflect.get(this.shim.wasiImport, name) as HostCall);
    const made = this.store.hostFunction(type, (args) => this.invoke(name, call, args));
    this.externs.set(name, made);
    return made;
  }

  private invoke(name: string, call: HostCall, args: readonly Value[]): Value[] {
    try {
      // Pointers and sizes are unsigned; i64 parameters are passed as they are.
      const answer = call(...args.map((arg) => (arg.type === 'i32' ? arg.bits >>> 0 : arg.type === 'i64' ? arg.bits : 0)));
      return name === 'proc_exit' ? [] : [{ type: 'i32', bits: typeof answer === 'number' ? answer | 0 : 0 }];
    } catch (error) {
      if (error instanceof WASIProcExit) throw new HostExit(error.code | 0);
      if (error instanceof RangeError) return [{ type: 'i32', bits: wasi.ERRNO_FAULT }];
      throw error;
    }
  }

  /** Says whose memory the calls are about; to be called before the first of them. */
  attach(instance: EngineInstance): void {
    this.instance = instance;
  }
}
