// Types of SSA values. Wasm's number types as they are; references are i64 (a descriptor's address, or an external handle; 0 is null).
// Codes are what the instruction record stores; 0 means "no type".

export const typeCodes = { i32: 1, i64: 2, f32: 3, f64: 4 } as const;

export type TypeName = keyof typeof typeCodes;
/** A type's code as stored; 0 is the absent type. */
export type Type = (typeof typeCodes)[TypeName];

export const i32 = typeCodes.i32;
export const i64 = typeCodes.i64;
export const f32 = typeCodes.f32;
export const f64 = typeCodes.f64;

const names: readonly TypeName[] = ['i32', 'i64', 'f32', 'f64'];

/** The printed name of a type. */
export function typeName(type: Type): TypeName {
  return names[type - 1] as TypeName;
}

/** Width of a value in bytes. */
export function typeBytes(type: Type): 4 | 8 {
  return type === i32 || type === f32 ? 4 : 8;
}

export function isInteger(type: Type): boolean {
  return type <= i64;
}
