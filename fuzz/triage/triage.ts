// All findings of a folder, put in order: each is run again several times, located, given the name of its root cause, merged with its like, and set beside
// what the life-cycle file says of it.
//
// Nothing is deleted but what has been merged, and what cannot be read is listed and left as it is.

import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Fault } from '../../compiler/inside.ts';
import type { LocateOptions, Location } from '../oracles/levels.ts';
import { bucketOf } from './bucket.ts';
import { isDeadly, replayDeadly } from './deadly.ts';
import { environmentOf } from './environment.ts';
import { amend, attach, findingFolders, readStored, refine, type StoredFinding } from './folder.ts';
import { levelDump } from './level-dump.ts';
import { nextState, readLifeCycle, type State, writeLifeCycle } from './life-cycle.ts';
import { locate, replay, type Replays } from './replays.ts';
import { rankOf, type Severity, severityOf } from './severity.ts';

/** Beside the folders of findings. */
export const lifeCycleFile = 'life-cycle.txt';
export const dumpFile = 'level.txt';

export interface TriageOptions {
  /** How often each is run. */
  readonly times: number;
  readonly faults: readonly Fault[];
  /** Name of the planted fault, for findings that are run in other processes. */
  readonly faultName?: string | undefined;
  /** After so long a run of a finding that once hung or killed is a hang again. */
  readonly hangSeconds?: number;
  /** Look, and change nothing. */
  readonly isCheck: boolean;
  readonly onFinding?: (name: string, index: number, count: number) => void;
  readonly locating?: LocateOptions;
}

export interface TriagedFinding {
  readonly state: State;
  readonly signature: string;
  readonly path: string;
  readonly severity: Severity;
  readonly kind: string;
  readonly odd: string | undefined;
  readonly stage: string | undefined;
  readonly rule: string | undefined;
  readonly evidence: string | undefined;
  /** Bytes of the module or case. */
  readonly bytes: number;
  readonly seen: number;
  readonly first: number;
  readonly last: number;
  readonly replays: { readonly times: number; readonly shown: number; readonly ways: number };
}

export interface Triage {
  /** The worst first. */
  readonly findings: readonly TriagedFinding[];
  readonly merged: readonly { readonly from: string; readonly into: string }[];
  /** Folders that hold no readable finding. */
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
  /** Signatures of the life-cycle file that were open when last seen and have no folder any more. */
  readonly absent: readonly string[];
}

/** Whether a check must fail for this: it shows, and nobody has said that it is known. */
export function isAlarming({ state, replays }: TriagedFinding): boolean {
  return replays.shown > 0 && (state === 'new' || state === 'regressed');
}

const isFlaky = ({ times, shown, ways }: { readonly times: number; readonly shown: number; readonly ways: number }): boolean => (shown > 0 && shown < times) || ways > 1;

interface Examined {
  readonly stored: StoredFinding;
  readonly replays: Replays;
  readonly location: Location | undefined;
  readonly signature: string;
}

const usualHangSeconds = 30;

async function examineFinding(stored: StoredFinding, { times, faults, faultName, hangSeconds, locating }: TriageOptions): Promise<Examined> {
  const { finding } = stored;
  if (isDeadly(stored)) return { stored, replays: replayDeadly(stored, times, faultName, hangSeconds ?? usualHangSeconds), location: undefined, signature: finding.signature };
  const replays = await replay(stored, times, faults);
  const { last } = replays;
  const location = last === undefined ? undefined : await locate(stored, replays.engines, faults, locating);
  const found = last === undefined ? undefined : bucketOf({ kind: last.kind, odd: last.odd, fingerprint: last.fingerprint }, location);
  return { stored, replays, location, signature: found ?? finding.signature };
}

/** Triages a folder of findings. */
export async function triage(folder: string, options: TriageOptions): Promise<Triage> {
  const lifeCycle = readLifeCycle(join(folder, lifeCycleFile));
  const states = new Map<string, State>();
  const found = new Map<string, TriagedFinding>();
  const merged: { from: string; into: string }[] = [];
  const unreadable: { path: string; reason: string }[] = [];
  const folders = findingFolders(folder);
  for (const [index, path] of folders.entries()) {
    options.onFinding?.(basename(path), index, folders.length);
    let examined: Examined;
    try {
      examined = await examineFinding(readStored(path), options);
    } catch (error) {
      unreadable.push({ path, reason: error instanceof Error ? error.message : String(error) });
      continue;
    }
    const { stored, replays, location, signature } = examined;
    const place = options.isCheck ? { path, isMerged: found.has(signature) } : await refine(stored, signature);
    if (place.isMerged) merged.push({ from: stored.finding.signature, into: signature });
    const now = options.isCheck ? stored : readStored(place.path);
    const before = lifeCycle.states.get(signature) ?? stored.aliases.map((alias) => lifeCycle.states.get(alias)).find((state) => state !== undefined);
    const twin = found.get(signature);
    const shown = replays.shown > 0 || (twin?.replays.shown ?? 0) > 0;
    const state = nextState(before, shown);
    states.set(signature, state);
    const kind = replays.last?.kind ?? stored.finding.kind;
    const counts = { times: replays.times, shown: replays.shown, ways: replays.ways };
    const one: TriagedFinding = {
      state, signature, path: place.path, kind, odd: replays.last?.odd ?? stored.finding.odd,
      severity: severityOf(kind, replays.last?.detail ?? stored.detail, isFlaky(counts)),
      stage: location?.level, rule: location?.rule, evidence: location?.evidence,
      bytes: now.finding.bytes.length, seen: now.seen, first: now.first, last: now.last, replays: counts,
    };
    if (twin === undefined || rankOf(one.severity) < rankOf(twin.severity) || twin.replays.shown === 0) found.set(signature, one);
    else found.set(signature, { ...twin, bytes: one.bytes, seen: one.seen, first: one.first, last: one.last });
    if (!options.isCheck && !(place.isMerged && twin !== undefined)) record(one, examined, options.faults);
  }
  const absent = [...lifeCycle.states].filter(([signature, state]) => state !== 'fixed' && !states.has(signature)).map(([signature]) => signature);
  if (!options.isCheck) writeLifeCycle(join(folder, lifeCycleFile), lifeCycle, states);
  const findings = [...found.values()].sort((a, b) => rankOf(a.severity) - rankOf(b.severity) || (a.signature < b.signature ? -1 : 1));
  return { findings, merged, unreadable, absent };
}

const mark = '\n<!-- what follows is written by triage -->\n';

/** Writes what triage has learnt into a finding's folder. */
function record(one: TriagedFinding, { replays, location, stored }: Examined, faults: readonly Fault[]): void {
  const { path } = one;
  const environment = environmentOf(replays.engines);
  amend(path, {
    signature: one.signature, severity: one.severity, replays: one.replays, environment, seen: one.seen, first: one.first, last: one.last,
    ...(location === undefined ? {} : { location }),
    ...(replays.last === undefined ? {} : { kind: replays.last.kind, odd: replays.last.odd, detail: replays.last.detail, engines: replays.last.engines }),
  });
  const dump = location === undefined || stored.finding.target !== undefined ? undefined : levelDump(readStored(path).finding.bytes, location, faults);
  if (dump !== undefined) attach(path, dumpFile, dump);
  const report = join(path, 'report.md');
  const text = existsSync(report) ? readFileSync(report, 'utf8') : `# ${one.signature}\n`;
  const head = text.split(mark, 1)[0] ?? '';
  attach(path, 'report.md', `${head.trimEnd().replaceAll(stored.finding.signature, one.signature)}\n${mark}${sectionText(one, environment, dump)}`);
}

function sectionText(one: TriagedFinding, environment: ReturnType<typeof environmentOf>, dump: string | undefined): string {
  const { severity, replays, stage, rule, evidence } = one;
  const lines = [
    '',
    `Severity: ${severity}. Shown by ${replays.shown} of ${replays.times} runs${replays.ways > 1 ? `, in ${replays.ways} different ways` : ''}; met ${one.seen} times.`,
    '',
    stage === undefined ? 'Nothing of our compiler was located.' : `First differing stage: \`${stage}\`${rule === undefined ? '' : `; to blame: \`${rule}\``}.`,
    ...(evidence === undefined ? [] : ['', `Evidence: ${evidence}.`]),
    '',
    `Seen with Node ${environment.node} (V8 ${environment.v8}) on ${environment.system}, ${environment.cpu}${environment.commit === undefined ? '' : `, sources at ${environment.commit.slice(0, 12)}${environment.commit.endsWith('+') ? ' with changes' : ''}`}.`,
    `CPU features: ${environment.cpuFeatures.join(' ')}.`,
    '',
    `Step by step: \`./scripts/assay bisect crashes/${one.signature}\`.`,
    ...(dump === undefined ? [] : ['', `The guilty change, or the function it sits in (\`${dumpFile}\`):`, '', '```', dump.trimEnd(), '```']),
    '',
  ];
  return lines.join('\n');
}
