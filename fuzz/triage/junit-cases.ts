// What triage, replay and a campaign found, as test cases (junit.ts).

import type { JunitCase } from './junit.ts';
import type { State } from './life-cycle.ts';
import { isAlarming, type Triage, type TriagedFinding } from './triage.ts';

const word = (text: string): string => text.replaceAll(' ', '-');

function ofTriaged(one: TriagedFinding): JunitCase {
  const { signature, severity, state, kind, odd, stage, rule, evidence, replays, path } = one;
  const name = { name: signature, group: `assay.${word(severity)}` };
  if (isAlarming(one)) {
    const message = `${state}: ${kind}${odd === undefined ? '' : ` on ${odd}`}${stage === undefined ? '' : `, stage ${stage}`}${rule === undefined ? '' : `, ${rule}`}`;
    const text = [message, ...(evidence === undefined ? [] : [evidence]), `shown by ${replays.shown} of ${replays.times} runs`, `folder: ${path}`].join('\n');
    return { ...name, outcome: { kind: 'failure', type: word(severity), message, text } };
  }
  if (state === 'known' && replays.shown > 0) return { ...name, outcome: { kind: 'skipped', message: `known: ${kind}${stage === undefined ? '' : `, stage ${stage}`}` } };
  return { ...name, outcome: { kind: 'passed' } };
}

/** Of a whole triage: findings by severity, and folders that hold none that can be read. */
export function casesOfTriage({ findings, unreadable }: Triage): JunitCase[] {
  return [
    ...findings.map(ofTriaged),
    ...unreadable.map(({ path, reason }): JunitCase => ({ name: path, group: 'assay.unreadable', outcome: { kind: 'error', type: 'unreadable', message: reason, text: reason } })),
  ];
}

/** Of one finding that was run again; `detail` is undefined where it did not show. */
export function caseOfReplay(name: string, detail: string | undefined): JunitCase {
  const outcome: JunitCase['outcome'] = detail === undefined ? { kind: 'passed' } : { kind: 'failure', type: 'shows', message: detail.split('\n', 1)[0] ?? '', text: detail };
  return { name, group: 'assay.replay', outcome };
}

export interface MetFinding {
  readonly signature: string;
  readonly path: string;
  /** How often. */
  readonly met: number;
}

/** Of what a campaign met, beside what the life-cycle file of its findings says. */
export function casesOfCampaign(findings: readonly MetFinding[], states: ReadonlyMap<string, State>): JunitCase[] {
  return findings.map(({ signature, path, met }) => {
    const state = states.get(signature) ?? 'new';
    const name = { name: signature, group: 'assay.campaign' };
    if (state === 'known') return { ...name, outcome: { kind: 'skipped', message: `known, met ${met} times` } };
    // Met again, what was fixed is back.
    const message = `${state === 'new' ? 'new' : 'regressed'}, met ${met} times`;
    return { ...name, outcome: { kind: 'failure', type: signature.split('.', 1)[0] ?? '', message, text: `${message}\nfolder: ${path}` } };
  });
}
