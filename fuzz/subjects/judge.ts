// One module on a subject: what two references agree on is right, and what the subject does otherwise is a defect of its own.
//
// The references are the interpreter and V8. Where they differ, nothing is said of the subject: that is a finding of an ordinary campaign.

import { hasRelaxed } from '../campaign/opcode-pairs.ts';
import { compareBehaviours, describe, type DifferenceKind } from '../oracles/compare.ts';
import type { Engine } from '../oracles/engine.ts';
import { type Behaviour, observe, planFor } from '../oracles/observe.ts';

export interface Referees {
  readonly interp: Engine;
  readonly v8: Engine;
  readonly subject: Engine;
}

export type Judgement =
  | { readonly kind: 'agree' }
  | { readonly kind: 'incomparable'; readonly reason: string }
  /** The references differ from each other. */
  | { readonly kind: 'undecided'; readonly detail: string }
  | { readonly kind: 'defect'; readonly difference: DifferenceKind; readonly message: string; readonly detail: string };

/** A message that names source files by their names alone: their folders are those of the machine that built the subject. */
function withoutFolders(message: string): string {
  return message.replaceAll(/\/(?:[\w.-]+\/)+/g, '');
}

/** The stable part of a message: its first line without indices, addresses, numbered types and lists of types. Value types are telling and stay. */
function normalised(message: string): string {
  const [line = ''] = withoutFolders(message).split('\n', 1);
  return line.replaceAll(/\[[^\]]*\]/g, '[…]').replaceAll(/\b(?:0x)?[0-9a-f]*\d[0-9a-f]*\b/g, (token) => (/^[cfiu]\d+$/.test(token) ? token : 'N')).replaceAll(/\s+/g, ' ').slice(0, 160);
}

/** What a subject says when it fails or refuses; empty for wrong answers. */
function messageOf(behaviour: Behaviour): string {
  if (behaviour.kind === 'crashed') return normalised(behaviour.error.message);
  if (behaviour.kind === 'refused' || behaviour.kind === 'link') return normalised(behaviour.message);
  return '';
}

/** Instructions that a call may execute. A generated module counts its own and ends; a reduction may leave a loop of it without the count. */
const fuel = 5_000_000;

function isEndless(behaviour: Behaviour): boolean {
  const last = behaviour.kind === 'stopped' ? behaviour.outcome : behaviour.kind === 'ran' ? behaviour.outcomes.at(-1) : undefined;
  return last?.kind === 'exhaustion' && last.what === 'fuel';
}

/** Runs a module, each export so often. */
export function judge({ interp, v8, subject }: Referees, bytes: Uint8Array, rounds: number): Judgement {
  const plan = planFor(bytes, rounds);
  const reference = observe(interp, bytes, plan, { fuel });
  // V8 would not come back.
  if (isEndless(reference)) return { kind: 'incomparable', reason: 'a run without end' };
  const second = compareBehaviours(reference, observe(v8, bytes, plan), plan);
  if (second.verdict === 'disagree') return { kind: 'undecided', detail: second.detail };
  if (second.verdict === 'incomparable') return { kind: 'incomparable', reason: `v8: ${second.reason}` };
  const behaviour = observe(subject, bytes, plan);
  const comparison = compareBehaviours(reference, behaviour, plan);
  switch (comparison.verdict) {
    case 'agree':
      return { kind: 'agree' };
    case 'incomparable':
      return { kind: 'incomparable', reason: comparison.reason };
    case 'disagree':
      // Generated code lets no engine's choice show, but a part of it may, and parts are what a reduction leaves.
      if (behaviour.kind === 'ran' && hasRelaxed(bytes)) return { kind: 'incomparable', reason: 'a relaxed vector instruction, whose result engines choose' };
      return { kind: 'defect', difference: comparison.kind, message: messageOf(behaviour), detail: comparison.kind === 'crash' ? withoutFolders(`${describe(reference)} against ${describe(behaviour)}`) : comparison.detail };
  }
}
