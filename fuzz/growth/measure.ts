// One process of measurement: told by its only argument what to compile (a `MeasureOrder` as JSON), it prints the work each size took as JSON lines.
// A process of its own, because counting must begin before the compiler is loaded, and slows everything.

import type { MeasureOrder, Measured } from './growth.ts';
import { shapes } from './shapes.ts';
import { WorkCounter } from './work.ts';

const order = JSON.parse(process.argv[2] ?? '{}') as MeasureOrder;
const counter = new WorkCounter();
counter.begin();
const { compile } = await import('../../compiler/index.ts');
const { maybeFault } = await import('../faults/index.ts');
const faults = order.fault === undefined ? [] : (maybeFault(order.fault)?.faults ?? []);

for (const name of order.shapes) {
  const shape = shapes.find((one) => one.name === name);
  if (shape === undefined) throw new Error(`no shape is called '${name}'`);
  const compileAt = (n: number, bytes: Uint8Array): void => {
    const result = compile(bytes, { ...order.options, check: true, verify: 'between', faults });
    if (!result.ok) throw new Error(`shape ${name} of size ${n} is refused: ${result.fault.message}`);
  };
  // What happens once and is kept is not of the shape's making.
  compileAt(2, shape.make(2));
  for (const factor of [1, 2, 4]) {
    const size = (order.size ?? shape.size) * factor;
    const bytes = shape.make(size);
    const work = counter.of(() => compileAt(size, bytes));
    process.stdout.write(`${JSON.stringify({ shape: name, size, work: Object.fromEntries(work) } satisfies Measured)}\n`);
  }
}
