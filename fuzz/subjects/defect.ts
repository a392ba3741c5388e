// What makes two modules show the same defect of a subject, as far as that can be told from outside: how it differs and what it says; and where it says
// nothing, because it gives a wrong answer, which instructions are left when nothing more can be taken away.
//
// A defect explains a module when the subject says the same of it, or the module has all of these instructions. That is a guess; so a share of the explained
// modules is reduced all the same.

import { decodeForEditing } from '../edit/decode.ts';
import { countInstructions, eachInstruction } from '../edit/instructions.ts';
import type { EditModule } from '../edit/module.ts';
import { digest } from '../triage/signature.ts';

export interface Defect {
  /** Fit to be a file's name. */
  readonly signature: string;
  readonly difference: string;
  readonly message: string;
  readonly culprits: readonly string[];
}

/** What is left in any reduced module and says nothing. */
const trivial = /^(?:(?:i32|i64|f32|f64)\.const|local\.(?:get|set|tee)|drop|end|return|nop|unreachable|call)$/;

export function moduleOf(bytes: Uint8Array): EditModule {
  const m = decodeForEditing(bytes);
  if ('kind' in m) throw new Error(`a module that both references take cannot be edited: ${m.message}`);
  return m;
}

/** Names of the instructions in bodies and initial values, each once, sorted. */
export function instructionNames(m: EditModule): string[] {
  const names = new Set<string>();
  const visit = (code: Parameters<typeof eachInstruction>[0]): void => eachInstruction(code, ({ row }) => void names.add(row.name));
  for (const { body } of m.functions) visit(body);
  for (const { initial } of m.globals) visit(initial);
  return [...names].sort();
}

export function instructionCount(m: EditModule): number {
  return m.functions.reduce((sum, { body }) => sum + countInstructions(body), 0);
}

/** What a reduced module accuses: its telling instructions, else its sections, else all instructions. */
function culpritsOf(m: EditModule): string[] {
  const names = instructionNames(m);
  const telling = names.filter((name) => !trivial.test(name));
  if (telling.length > 0) return telling;
  const parts = (['tables', 'memories', 'globals', 'elements', 'datas', 'tags'] as const).filter((part) => m[part].length > 0);
  return parts.length > 0 ? [...parts] : names.filter((name) => name !== 'end');
}

const namedCulprits = 4;
/** Characters of a message in a signature. */
const shownMessage = 60;

/** The defect that a reduced module shows. */
export function defectOf(m: EditModule, difference: string, message: string): Defect {
  const culprits = culpritsOf(m);
  if (message !== '') {
    const words = message.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-|-$/g, '').slice(0, shownMessage);
    return { signature: `${difference}.${words}.${digest(message)}`, difference, message, culprits };
  }
  const named = culprits.slice(0, namedCulprits).join('+').replaceAll(/[^A-Za-z0-9+_.]/g, '-');
  const rest = culprits.length > namedCulprits ? `+${culprits.length - namedCulprits}` : '';
  return { signature: `${difference}.${named}${rest}`, difference, message, culprits };
}

/** Whether a known defect is enough to explain that a module with these instructions goes wrong in this way. */
export function explains(defect: Defect, difference: string, message: string, names: ReadonlySet<string>): boolean {
  return defect.difference === difference && defect.message === message && (message !== '' || defect.culprits.every((name) => names.has(name)));
}
