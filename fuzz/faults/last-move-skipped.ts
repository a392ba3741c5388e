// An allocator fault: the last move that a function needs is not made. The symbolic checker must refute it before any code runs.

import type { Level } from '../../compiler/inside.ts';
import type { PlantedFault } from './fault.ts';

function skip(level: Level): Level {
  if (level.level !== 'allocation') return level;
  const { before, from, to, bytes } = level.allocation.moves;
  const count = Math.max(0, before.length - 1);
  const moves = { before: before.subarray(0, count), from: from.subarray(0, count), to: to.subarray(0, count), bytes: bytes.subarray(0, count) };
  return { ...level, allocation: { ...level.allocation, moves } };
}

export const lastMoveSkipped: PlantedFault = {
  name: 'last-move-skipped',
  summary: 'the last move of each allocation is left out',
  history: 'regalloc2, 2023 (376294e, OSS-Fuzz 55391): behind dead code some moves of edges and instructions were skipped',
  component: 'allocation',
  target: 'x86-64',
  faults: [{ kind: 'transformer', name: 'last-move-skipped', stage: 'allocate', transform: skip }],
  level: 'allocate',
  rule: 'single-pass',
  alsoRight: ['backtracking'],
  witness: '(module (func (export "f") (param i32 i32) (result i32) (i32.sub (local.get 1) (local.get 0))))',
};
