// Linked modules on all engines of the lab: two or three that import from each other, behaviour of all compared as that of one module is.
// A case is a specification script: its modules as bytes, each registered under the name by which the later ones import it.

import { examineWith } from '../campaign/examine.ts';
import { generateLinked, type LinkedModule } from '../generate/linked.ts';
import { byteChoices } from '../generate/choices.ts';
import { observeLinked, planLinked } from '../oracles/linked.ts';
import { signatureOf } from '../triage/signature.ts';
import { readScript } from '../wast/read.ts';
import type { Lab } from '../campaign/examine.ts';
import type { OpenTarget, Target, Trial } from './target.ts';

export const scriptFile = 'repro.wast';
const rounds = 2;

/** The modules as a script that any engine's script runner links in the same way; it has no assertions. */
export function printLinked(modules: readonly LinkedModule[]): string {
  const escaped = (bytes: Uint8Array): string => [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
  return modules.map(({ name, bytes }) => `(module $${name} binary "${escaped(bytes)}")\n(register "${name}" $${name})\n`).join('');
}

/** The modules of such a script, under the names they are registered by. */
export function readLinked(text: string): readonly LinkedModule[] {
  const modules: LinkedModule[] = [];
  let last: Uint8Array | undefined;
  for (const command of readScript(text)) {
    if (command.kind === 'module' && command.source.kind === 'binary') last = command.source.bytes;
    else if (command.kind === 'register' && last !== undefined) modules.push({ name: command.name, bytes: last });
    else throw new Error(`line ${command.line}: ${command.kind}: expected (module $a binary "...") and (register "a" $a) in turn`);
  }
  if (modules.length === 0) throw new Error('a script without modules');
  return modules;
}

function trialOf(lab: Lab, modules: readonly LinkedModule[]): Trial {
  return {
    file: scriptFile,
    content: () => new TextEncoder().encode(printLinked(modules)),
    run: ({ tally, origin, turns }) => {
      lab.profile?.lab('plan');
      const plan = planLinked(modules, rounds);
      const { finding, verdict } = examineWith({ ...lab, askWabt: undefined }, modules.map(({ bytes }) => bytes), plan, (engine, options) => observeLinked(engine, modules, plan, options), tally, origin, turns);
      if (finding === undefined) return { verdict, finding };
      const signature = signatureOf({ kind: `pairs-${finding.kind}`, engine: finding.odd, level: finding.level, fingerprint: finding.signature });
      return { verdict: 'disagree', finding: { ...finding, signature, target: pairs.name, file: scriptFile } };
    },
  };
}

export const pairs: Target = {
  name: 'pairs',
  summary: 'two or three modules that import from each other',
  weight: 1,
  runsModules: false,
  usesEngines: true,
  open: (lab): Promise<OpenTarget> => Promise.resolve({
    build: (c) => trialOf(lab, generateLinked(c)),
    fromBytes: (bytes) => trialOf(lab, generateLinked(byteChoices(bytes))),
    read: (content) => trialOf(lab, readLinked(new TextDecoder().decode(content))),
  }),
};
