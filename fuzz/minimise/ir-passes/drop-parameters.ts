// Drops parameters of blocks and of functions: constants stand in their place. A function is called with what its runner likes, so for its own parameters
// several constants are tried: the edges where faults live.

import { constantFor, type EditFunction, isUsed, mapTargets } from '../ir-text.ts';
import { inEach, type IrPass } from './pass.ts';

const edges: Readonly<Record<string, readonly string[]>> = {
  i32: ['0', '1', '-1', '-2147483648', '31', '255'], i64: ['0', '1', '-1', '-9223372036854775808', '4294967295', '-2147483648'],
  f32: ['0x0', '0x3f800000', '0x7fc00000', '0x80000000'], f64: ['0x0', '0x3ff0000000000000', '0x7ff8000000000000', '0x8000000000000000'],
};

function without(f: EditFunction, block: number, value: number, bits: string): EditFunction | undefined {
  const found = f.blocks.find(({ number }) => number === block);
  const place = found?.parameters.indexOf(value) ?? -1;
  if (found === undefined || place < 0) return undefined;
  const isEntry = found === f.blocks[0];
  const head = isUsed(f, value) ? [constantFor(f, value, f.nextId, bits)] : [];
  const blocks = f.blocks.map((one) => (one === found ? { ...one, parameters: one.parameters.filter((each) => each !== value), instructions: [...head, ...one.instructions] } : one));
  const now = { ...f, blocks, nextId: f.nextId + 1, params: isEntry ? f.params.filter((_, at) => at !== place) : f.params };
  return isEntry ? now : mapTargets(now, (target) => (target.block === block ? { block, args: target.args.filter((_, at) => at !== place) } : target));
}

export const dropParameters: IrPass = {
  name: 'drop-parameters',
  propose: inEach((f) => f.blocks.flatMap(({ number, parameters }, at) => parameters.flatMap((value) => {
    const tried = at === 0 && isUsed(f, value) ? (edges[f.types.get(value) ?? ''] ?? ['0']) : ['0'];
    return tried.map((bits) => (now: EditFunction) => without(now, number, value, bits));
  }))),
};
