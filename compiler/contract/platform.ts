// What the world outside compiled code calls an ISA and its parts: the numbers of its psABI that files and debuggers carry, the names that Node, qemu,
// compilers and the kernel have for it. Each backend states its own; whoever writes files or starts programs reads them here and knows no ISA by name.

export interface Platform {
  /** As its makers write it. */
  readonly title: string;
  /** `process.arch` of a Node that runs on it. */
  readonly nodeArch: string;
  /** The program of qemu-user that executes its code elsewhere. */
  readonly emulator: string;
  /** What GNU's tools for it are called, `TRIPLE-gcc`, and where its libraries lie, `/usr/TRIPLE`; Debian's packages are named after it too. */
  readonly triple: string;
  readonly elf: ElfFacts;
  readonly frame: FrameFacts;
  /** Debian's name of the architecture, as in `libc6-dev-NAME-cross`. */
  readonly debianArch: string;
  /** What readelf calls the machine of its files. */
  readonly readelfMachine: string;
  /** Names of capstone's constants for it, and whether its mnemonics are ours; absent where capstone cannot read it. */
  readonly capstone?: { readonly architecture: string; readonly mode: string; readonly sameMnemonics: boolean };
  /** A byte that, repeated, is an illegal instruction wherever somebody enters. */
  readonly idleCode: number;
  /** Linux's number of the system call `futex`. */
  readonly futex: number;
  /** The optional features of the target that the kernel's description of the CPUs, `/proc/cpuinfo`, names, by the target's own names. */
  featuresIn(cpuinfo: string): readonly string[];
}

/** What an ELF file says of the code in it. */
export interface ElfFacts {
  /** gABI `e_machine`. */
  readonly machine: number;
  /** `e_flags`: the calling convention, where it has variants. */
  readonly flags: number;
  /** Type of the relocation that stores `S + A - P` in 32 bits: symbol, addend, place. */
  readonly relative32: number;
}

/**
 * How compiled code begins: it saves the return address and the caller's frame pointer as two words and points the frame pointer at the latter, in
 * instructions of known length. Registers go by their DWARF numbers.
 */
export interface FrameFacts {
  readonly stackPointer: number;
  readonly framePointer: number;
  /** Column of the return address. */
  readonly returnAddress: number;
  /** The call has stored the return address on the stack already. */
  readonly pushesReturnAddress: boolean;
  /** Every instruction's length is a multiple of this. */
  readonly codeAlignment: number;
  /** Bytes after which the stack pointer has moved, both words are saved, and the frame pointer is set. */
  readonly moved: number;
  readonly saved: number;
  readonly set: number;
}
