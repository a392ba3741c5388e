// Entities are dense indices with a brand, so that a Block cannot stand where a Value is meant.
// Only the table that owns an entity mints it; everyone else receives it.
// Absent is -1 in storage and undefined at an accessor.

declare const brand: unique symbol;
type Entity<Name extends string> = number & { readonly [brand]: Name };

/** An SSA value, printed `v3`. */
export type Value = Entity<'Value'>;
/** An IR instruction, printed `inst9`. */
export type Inst = Entity<'Inst'>;
/** A basic block of the IR or of vcode, printed `block2`. */
export type Block = Entity<'Block'>;
/** A virtual register, printed `r7`. */
export type VReg = Entity<'VReg'>;
/** A physical register: 0–31 integer class, 32–63 float and vector class. */
export type PReg = Entity<'PReg'>;
/** A place in code to branch to. */
export type Label = Entity<'Label'>;
/** A spill slot of a frame. */
export type StackSlot = Entity<'StackSlot'>;

export const asValue = (index: number): Value => index as Value;
export const asInst = (index: number): Inst => index as Inst;
export const asBlock = (index: number): Block => index as Block;
export const asVReg = (index: number): VReg => index as VReg;
export const asPReg = (index: number): PReg => index as PReg;
export const asLabel = (index: number): Label => index as Label;
export const asStackSlot = (index: number): StackSlot => index as StackSlot;
