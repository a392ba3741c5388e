// Two or three modules, each of which imports what those before it export: functions (also host functions, by way of another module), memories, tables, globals, tags.
//
// All are drawn of one swarm, so that types with an index are the same in each. A table that a later module imports is filled with its functions by its segments,
// and so the earlier one calls into the later. Each module has fuel of its own; whoever calls an export fills them all. Together they end as each alone would,
// since every entry and every loop spends the fuel of the module it is in.

import type { Choices } from './choices.ts';
import { drawFeatures } from './features.ts';
import { writeModule } from './module.ts';
import { drawShape, type Offer } from './shape.ts';
import { drawModernSwarm, drawSwarm, type Swarm } from './swarm.ts';

export interface LinkedModule {
  /** By which the later ones import from it. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

const names = ['a', 'b', 'c'] as const;
/** Instructions of one of several modules, roughly: they take turns, and each engine compiles them all. */
const largest = 160;

/** Modules in the order in which they are instantiated. */
export function generateLinked(c: Choices): readonly LinkedModule[] {
  const base: Swarm = c.draw(4) === 3 ? drawModernSwarm(c, drawFeatures(c)) : drawSwarm(c);
  const count = c.draw(4) === 3 ? 3 : 2;
  const modules: LinkedModule[] = [];
  const offers: Offer[] = [];
  for (const name of names.slice(0, count)) {
    // What modules share is what this is about: it is there more often than in a module alone.
    const swarm: Swarm = { ...base, memory: base.memory || c.draw(2) > 0, tables: base.tables || c.draw(2) > 0, calls: base.calls || c.draw(2) > 0, size: Math.min(largest, base.size) };
    const shape = drawShape(c, swarm, offers);
    modules.push({ name, bytes: c.section(() => writeModule(c, swarm, shape)) });
    offers.push({ module: name, shape });
  }
  return modules;
}
