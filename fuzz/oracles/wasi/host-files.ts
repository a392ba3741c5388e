// Real files and folders behind the descriptors of WASI preview 1: what a program may touch is what lies below the preopened folders.
// A path that leaves its folder, by `..` or through a symbolic link, is refused as "not capable".
// Times are shown as zero: programs that print them would differ between engines and days.
// Source: WASI preview 1, "wasi_snapshot_preview1" documentation (fd_*, path_*).

import {
  type Stats, closeSync, constants, fstatSync, fsyncSync, ftruncateSync, lstatSync, mkdirSync, openSync, readSync, readdirSync, readlinkSync, realpathSync, renameSync,
  rmdirSync, statSync, unlinkSync, writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { Fd, wasi } from '@bjorn3/browser_wasi_shim';

/** WASI's number for each error of the system that files give. */
const errorNumbers: Record<string, number> = {
  EACCES: wasi.ERRNO_ACCES,
  EBADF: wasi.ERRNO_BADF,
  EEXIST: wasi.ERRNO_EXIST,
  EINVAL: wasi.ERRNO_INVAL,
  EISDIR: wasi.ERRNO_ISDIR,
  ELOOP: wasi.ERRNO_LOOP,
  ENAMETOOLONG: wasi.ERRNO_NAMETOOLONG,
  ENOENT: wasi.ERRNO_NOENT,
  ENOSPC: wasi.ERRNO_NOSPC,
  ENOTDIR: wasi.ERRNO_NOTDIR,
  ENOTEMPTY: wasi.ERRNO_NOTEMPTY,
  EPERM: wasi.ERRNO_PERM,
  EROFS: wasi.ERRNO_ROFS,
  EXDEV: wasi.ERRNO_XDEV,
};

/** Thrown by `inside` for a path that is not below its folder. */
class NotCapable extends Error {}

function errorNumber(error: unknown): number {
  if (error instanceof NotCapable) return wasi.ERRNO_NOTCAPABLE;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const number = errorNumbers[code];
  if (number === undefined && !code.startsWith('E')) throw error;
  return number ?? wasi.ERRNO_IO;
}

/** Runs `work` and answers its error number. */
function attempt(work: () => void): number {
  try {
    work();
    return wasi.ERRNO_SUCCESS;
  } catch (error) {
    return errorNumber(error);
  }
}

function fileType(stats: Stats): number {
  if (stats.isDirectory()) return wasi.FILETYPE_DIRECTORY;
  if (stats.isSymbolicLink()) return wasi.FILETYPE_SYMBOLIC_LINK;
  return stats.isFile() ? wasi.FILETYPE_REGULAR_FILE : wasi.FILETYPE_CHARACTER_DEVICE;
}

const filestatOf = (stats: Stats): wasi.Filestat => new wasi.Filestat(BigInt(stats.ino), fileType(stats), BigInt(stats.size));

const allRights = 0x1fff_ffffn;

function fdstat(type: number, flags: number): wasi.Fdstat {
  const stat = new wasi.Fdstat(type, flags);
  stat.fs_rights_base = allRights;
  stat.fs_rights_inherited = allRights;
  return stat;
}

/** An open regular file; the descriptor keeps its own position. */
export class HostFile extends Fd {
  private readonly descriptor: number;
  private position = 0n;
  private readonly append: boolean;
  constructor(descriptor: number, append: boolean) {
    super();
    this.descriptor = descriptor;
    this.append = append;
  }
  override fd_close(): number {
    return attempt(() => closeSync(this.descriptor));
  }
  override fd_fdstat_get() {
    return { ret: wasi.ERRNO_SUCCESS, fdstat: fdstat(wasi.FILETYPE_REGULAR_FILE, this.append ? wasi.FDFLAGS_APPEND : 0) };
  }
  override fd_filestat_get() {
    return { ret: wasi.ERRNO_SUCCESS, filestat: filestatOf(fstatSync(this.descriptor)) };
  }
  override fd_filestat_set_size(size: bigint): number {
    return attempt(() => ftruncateSync(this.descriptor, Number(size)));
  }
  override fd_pread(size: number, offset: bigint) {
    const data = new Uint8Array(size);
    let count = 0;
    const ret = attempt(() => {
      count = readSync(this.descriptor, data, 0, size, Number(offset));
    });
    return { ret, data: data.subarray(0, count) };
  }
  override fd_read(size: number) {
    const result = this.fd_pread(size, this.position);
    this.position += BigInt(result.data.length);
    return result;
  }
  override fd_pwrite(data: Uint8Array, offset: bigint) {
    let nwritten = 0;
    const ret = attempt(() => {
      nwritten = writeSync(this.descriptor, data, 0, data.length, Number(offset));
    });
    return { ret, nwritten };
  }
  override fd_write(data: Uint8Array) {
    if (this.append) this.position = BigInt(fstatSync(this.descriptor).size);
    const result = this.fd_pwrite(data, this.position);
    this.position += BigInt(result.nwritten);
    return result;
  }
  override fd_seek(offset: bigint, whence: number) {
    const from = whence === wasi.WHENCE_SET ? 0n : whence === wasi.WHENCE_CUR ? this.position : BigInt(fstatSync(this.descriptor).size);
    if (from + offset < 0n) return { ret: wasi.ERRNO_INVAL, offset: this.position };
    this.position = from + offset;
    return { ret: wasi.ERRNO_SUCCESS, offset: this.position };
  }
  override fd_tell() {
    return { ret: wasi.ERRNO_SUCCESS, offset: this.position };
  }
  override fd_sync(): number {
    return attempt(() => fsyncSync(this.descriptor));
  }
}

/** An open folder, preopened under the name `guestName` or opened by the program. */
export class HostFolder extends Fd {
  private readonly folder: string;
  private readonly guestName: string | undefined;
  /** What no path may leave: the preopened folder, with links resolved. */
  private readonly boundary: string;
  constructor(folder: string, guestName: string | undefined, boundary = realpathSync(folder)) {
    super();
    this.folder = folder;
    this.guestName = guestName;
    this.boundary = boundary;
  }

  /** The host's path for a guest's; with `follow`, what a final link points at must lie inside too. */
  private inside(path: string, follow: boolean): string {
    const full = resolve(join(this.folder, path));
    let checked = full;
    if (full !== this.boundary) {
      const parent = realpathSync(dirname(full));
      checked = join(parent, basename(full));
      if (follow && lstatSync(checked, { throwIfNoEntry: false })?.isSymbolicLink() === true) checked = realpathSync(checked);
    }
    if (path.startsWith('/') || (checked !== this.boundary && !checked.startsWith(this.boundary + sep))) throw new NotCapable(path);
    return checked;
  }

  override fd_fdstat_get() {
    return { ret: wasi.ERRNO_SUCCESS, fdstat: fdstat(wasi.FILETYPE_DIRECTORY, 0) };
  }
  override fd_filestat_get() {
    return { ret: wasi.ERRNO_SUCCESS, filestat: filestatOf(statSync(this.folder)) };
  }
  override fd_prestat_get() {
    if (this.guestName === undefined) return { ret: wasi.ERRNO_BADF, prestat: null };
    return { ret: wasi.ERRNO_SUCCESS, prestat: wasi.Prestat.dir(this.guestName) };
  }
  override fd_close(): number {
    return wasi.ERRNO_SUCCESS;
  }
  override fd_readdir_single(cookie: bigint) {
    // Sorted, so that every engine sees one order; the first two are the folder itself and its parent.
    const names = ['.', '..', ...readdirSync(this.folder).sort()];
    const name = names[Number(cookie)];
    if (name === undefined) return { ret: wasi.ERRNO_SUCCESS, dirent: null };
    const stats = lstatSync(name === '..' ? this.folder : join(this.folder, name));
    return { ret: wasi.ERRNO_SUCCESS, dirent: new wasi.Dirent(cookie + 1n, BigInt(stats.ino), name, fileType(stats)) };
  }
  override path_create_directory(path: string): number {
    return attempt(() => mkdirSync(this.inside(path, false)));
  }
  override path_filestat_get(flags: number, path: string) {
    let filestat: wasi.Filestat | null = null;
    const ret = attempt(() => {
      const follow = (flags & 1) !== 0;
      const full = this.inside(path, follow);
      filestat = filestatOf(follow ? statSync(full) : lstatSync(full));
    });
    return { ret, filestat };
  }
  override path_filestat_set_times(): number {
    return wasi.ERRNO_SUCCESS;
  }
  override path_open(dirflags: number, path: string, oflags: number, rights: bigint, _inheriting: bigint, fdFlags: number) {
    let fd: Fd | null = null;
    const ret = attempt(() => {
      const full = this.inside(path, (dirflags & 1) !== 0 || (oflags & wasi.OFLAGS_CREAT) !== 0);
      if (statSync(full, { throwIfNoEntry: false })?.isDirectory() === true) {
        fd = new HostFolder(full, undefined, this.boundary);
        return;
      }
      if ((oflags & wasi.OFLAGS_DIRECTORY) !== 0) throw Object.assign(new Error(path), { code: 'ENOTDIR' });
      const reads = (rights & BigInt(wasi.RIGHTS_FD_READ)) !== 0n;
      const writes = (rights & BigInt(wasi.RIGHTS_FD_WRITE)) !== 0n;
      let flags = writes ? (reads ? constants.O_RDWR : constants.O_WRONLY) : constants.O_RDONLY;
      if ((oflags & wasi.OFLAGS_CREAT) !== 0) flags |= constants.O_CREAT;
      if ((oflags & wasi.OFLAGS_EXCL) !== 0) flags |= constants.O_EXCL;
      if ((oflags & wasi.OFLAGS_TRUNC) !== 0) flags |= constants.O_TRUNC;
      if ((dirflags & 1) === 0) flags |= constants.O_NOFOLLOW;
      fd = new HostFile(openSync(full, flags, 0o666), (fdFlags & wasi.FDFLAGS_APPEND) !== 0);
    });
    return { ret, fd_obj: fd };
  }
  override path_readlink(path: string) {
    let data: string | null = null;
    const ret = attempt(() => {
      data = readlinkSync(this.inside(path, false));
    });
    return { ret, data };
  }
  override path_remove_directory(path: string): number {
    return attempt(() => rmdirSync(this.inside(path, false)));
  }
  override path_unlink_file(path: string): number {
    return attempt(() => unlinkSync(this.inside(path, false)));
  }
  /** Moves `path` to `target`'s `newPath`. */
  rename(path: string, target: HostFolder, newPath: string): number {
    return attempt(() => renameSync(this.inside(path, false), target.inside(newPath, false)));
  }
}

/** Standard input: bytes that were given, or a descriptor of this process read as the program asks. */
export class InputStream extends Fd {
  private readonly source: Uint8Array | number;
  private position = 0;
  constructor(source: Uint8Array | number) {
    super();
    this.source = source;
  }
  override fd_fdstat_get() {
    return { ret: wasi.ERRNO_SUCCESS, fdstat: fdstat(wasi.FILETYPE_CHARACTER_DEVICE, 0) };
  }
  override fd_filestat_get() {
    return { ret: wasi.ERRNO_SUCCESS, filestat: new wasi.Filestat(0n, wasi.FILETYPE_CHARACTER_DEVICE, 0n) };
  }
  override fd_read(size: number) {
    if (typeof this.source !== 'number') {
      const data = this.source.slice(this.position, this.position + size);
      this.position += data.length;
      return { ret: wasi.ERRNO_SUCCESS, data };
    }
    const data = new Uint8Array(size);
    for (;;) {
      try {
        return { ret: wasi.ERRNO_SUCCESS, data: data.subarray(0, readSync(this.source, data)) };
      } catch (error) {
        // Nothing there yet on a non-blocking terminal or pipe: wait a little; an end of file on some systems comes as EOF.
        if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
        else if (error instanceof Error && 'code' in error && error.code === 'EOF') return { ret: wasi.ERRNO_SUCCESS, data: new Uint8Array() };
        else return { ret: errorNumber(error), data: new Uint8Array() };
      }
    }
  }
}

/** Standard output or error: every write is handed on at once. */
export class OutputStream extends Fd {
  private readonly sink: (bytes: Uint8Array) => void;
  constructor(sink: (bytes: Uint8Array) => void) {
    super();
    this.sink = sink;
  }
  override fd_fdstat_get() {
    return { ret: wasi.ERRNO_SUCCESS, fdstat: fdstat(wasi.FILETYPE_CHARACTER_DEVICE, wasi.FDFLAGS_APPEND) };
  }
  override fd_filestat_get() {
    return { ret: wasi.ERRNO_SUCCESS, filestat: new wasi.Filestat(0n, wasi.FILETYPE_CHARACTER_DEVICE, 0n) };
  }
  override fd_write(data: Uint8Array) {
    this.sink(data);
    return { ret: wasi.ERRNO_SUCCESS, nwritten: data.length };
  }
}
