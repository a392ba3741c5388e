// Sections and their contents: what is read, what is malformed and where, what is refused and under which name.

import { describe, expect, test } from 'vitest';
import type { ModuleFault } from '../base/errors.ts';
import { decodeModule } from './decode.ts';
import { type Bytes, body, functionModule, functionType, header, moduleOf, name, section, unsigned, vector } from './module-bytes.ts';
import { valueTypes } from './module.ts';
import { validate } from './validate.ts';

function verdict(bytes: Uint8Array): string {
  const fault: ModuleFault | undefined = validate(bytes);
  return fault === undefined ? 'valid' : `${fault.kind} @${fault.offset}: ${fault.message}`;
}

const i32 = 0x7f;
const nothing = section(1, vector([functionType([], [])]));
const oneFunction = section(3, vector([[0]]));
const emptyBody = section(10, vector([body([])]));

describe('header', () => {
  test.each<[string, Bytes]>([
    ['malformed @0: unexpected end', []],
    ['malformed @0: unexpected end', header.slice(0, 3)],
    ['malformed @0: magic header not detected', [0x00, 0x61, 0x73, 0x6e, 1, 0, 0, 0]],
    ['malformed @4: unexpected end', header.slice(0, 6)],
    ['malformed @4: unknown binary version', [0x00, 0x61, 0x73, 0x6d, 2, 0, 0, 0]],
    ['unsupported @4: unsupported: component model', [0x00, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]],
    ['valid', header],
  ])('%s', (expected, bytes) => expect(verdict(Uint8Array.from(bytes))).toBe(expected));
});

describe('sections', () => {
  test.each<[string, Uint8Array]>([
    ['malformed @8: malformed section id', moduleOf([0x0e, 0])],
    ['unsupported @8: unsupported: exception handling', moduleOf([13, 1, 0])],
    ['malformed @9: unexpected end', moduleOf([1])],
    ['malformed @10: length out of bounds', moduleOf([1, 5, 0])],
    ['malformed @11: section size mismatch', moduleOf([1, 2, 0, 0])],
    ['malformed @11: unexpected content after last section', moduleOf(section(3, [0]), section(1, [0]))],
    ['malformed @11: unexpected content after last section', moduleOf(section(1, [0]), section(1, [0]))],
    ['malformed @18: function and code section have inconsistent lengths', moduleOf(nothing, oneFunction)],
    ['malformed @10: length out of bounds', moduleOf(section(0, [5]))],
    ['valid', moduleOf(section(0, [...name('x'), 1, 2, 3]), nothing, section(0, name('')), oneFunction, emptyBody, section(0, name('y')))],
  ])('%s', (expected, bytes) => expect(verdict(bytes)).toBe(expected));

  test('are located when custom, and read by nobody', () => {
    const module = decodeModule(moduleOf(section(0, [...name('name'), 0xff, 0xff])));
    expect(module.customSections).toEqual([{ name: 'name', start: 15, end: 17 }]);
  });
});

describe('absurd counts are refused before anything is allocated for them', () => {
  const huge = unsigned(0xffff_ffff);
  test.each<[string, Uint8Array]>([
    ['malformed @10: length out of bounds', moduleOf(section(1, huge))],
    ['malformed @10: length out of bounds', moduleOf(section(7, huge))],
    ['malformed @12: length out of bounds', moduleOf(section(1, [1, 0x60, ...huge]))],
    ['unsupported @46: unsupported: limit: more than 50000 locals', functionModule([], [], [], [[50_001, i32]])],
    ['malformed @48: too many locals', functionModule([], [], [], [[0xffff_ffff, i32], [1, i32]])],
    ['unsupported @46: unsupported: limit: br_table with more than 65520 targets', functionModule([0x0e, ...unsigned(65521), ...new Array<number>(65522).fill(0)])],
  ])('%s', (expected, bytes) => expect(verdict(bytes)).toBe(expected));
});

describe('features are refused by name', () => {
  const typeEntry = (...bytes: number[]): Uint8Array => moduleOf(section(1, [1, ...bytes]));
  test.each<[string, Uint8Array]>([
    ['garbage collection', typeEntry(0x5f, 0)],
    ['garbage collection', typeEntry(0x4e, 0)],
    ['SIMD', typeEntry(0x60, 1, 0x7b, 0)],
    ['typed function references', typeEntry(0x60, 1, 0x63, 0x70, 0)],
    ['exception handling', typeEntry(0x60, 1, 0x69, 0)],
    ['memory64', moduleOf(section(5, [1, 4, 1]))],
    ['table64', moduleOf(section(4, [1, 0x70, 4, 1]))],
    ['threads', moduleOf(section(5, [1, 3, 1, 1]))],
    ['typed function references', moduleOf(section(4, [1, 0x40, 0, 0x70, 0, 1, 0xd0, 0x70, 0x0b]))],
    ['exception handling', moduleOf(section(2, [1, ...name('m'), ...name('t'), 4, 0, 0]))],
    ['garbage collection (global.get of a defined global in a constant expression)', moduleOf(section(6, [2, i32, 0, 0x41, 0, 0x0b, i32, 0, 0x23, 0, 0x0b]))],
    ['SIMD (i8x16.shuffle)', functionModule([0xfd, 13])],
    ['relaxed SIMD (i32x4.relaxed_dot_i8x16_i7x16_add_s)', functionModule([0xfd, 0x93, 0x02])],
    ['threads (atomic.fence)', functionModule([0xfe, 3, 0])],
    ['tail calls (return_call)', functionModule([0x12, 0])],
    ['exception handling (try_table)', functionModule([0x1f, 0x40, 0])],
    ['legacy exception handling (try)', functionModule([0x06, 0x40])],
    ['garbage collection (ref.i31)', functionModule([0xfb, 28])],
    ['typed function references (call_ref)', functionModule([0x14, 0])],
    ['wide arithmetic (i64.add128)', functionModule([0xfc, 19])],
    ['garbage collection', functionModule([0xd0, 0x71, 0x1a])],
    ['typed function references', functionModule([0xd0, 0, 0x1a])],
  ])('%s', (feature, bytes) => {
    const fault = validate(bytes);
    expect(`${fault?.kind}: ${fault?.message}`).toBe(`unsupported: unsupported: ${feature}`);
  });

  test.each<[string, Bytes]>([
    ['illegal opcode ff', [0xff]],
    ['illegal opcode 27', [0x27]],
    ['illegal opcode fc 63', [0xfc, 0x63]],
    ['illegal opcode fd 9a', [0xfd, 0x9a, 0x01]],
  ])('%s means nothing', (message, code) => {
    expect(validate(functionModule(code))?.message).toBe(message);
    expect(validate(functionModule(code))?.kind).toBe('malformed');
  });
});

test('index spaces begin with the imports', () => {
  const module = decodeModule(
    moduleOf(
      section(1, vector([functionType([i32, 0x7c], [0x70])])),
      section(2, vector([[...name('m'), ...name('f'), 0, 0], [...name('m'), ...name('g'), 3, 0x7e, 0]])),
      section(3, vector([[0]])),
      section(6, vector([[i32, 1, 0x41, 5, 0x0b]])),
      section(7, vector([[...name('f'), 0, 1]])),
      section(10, vector([body([0xd0, 0x70])])),
    ),
  );
  expect(module.functions).toEqual([0, 0]);
  expect([module.importedFunctions, module.importedGlobals, module.bodies.length]).toEqual([1, 1, 1]);
  expect(module.globals.map((global) => global.type)).toEqual([valueTypes.i64, valueTypes.i32]);
  expect([...(module.types[0]?.params ?? [])]).toEqual([valueTypes.i32, valueTypes.f64]);
  expect(module.declaredFunctions.has(1)).toBe(true);
  expect(module.declaredFunctions.has(0)).toBe(false);
});

test('memory instructions that name segments need the data count section', () => {
  expect(verdict(functionModule([0xfc, 9, 0]))).toMatch(/^malformed @\d+: data count section required$/);
});
