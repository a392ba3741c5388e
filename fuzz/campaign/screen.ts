// A campaign's status as a person wants to see it: a screen of two columns for a terminal, one line for logs.

import type { CampaignStatus } from './status.ts';

const thousands = (value: number): string => Math.round(value).toLocaleString('en-US');

/** Hours, minutes and seconds. */
export function showDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

function showBytes(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(0)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

const ago = (then: number | undefined, now: number): string => (then === undefined ? 'none yet' : `${showDuration((now - then) / 1000)} ago`);
const share = (part: number, whole: number, digits = 1): string => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(digits)} %`);

const labelWidth = 13;
const columnWidth = 42;

function pair(left: readonly [string, string], right: readonly [string, string]): string {
  return `  ${`${left[0].padEnd(labelWidth)} ${left[1]}`.padEnd(columnWidth)} ${right[0].padEnd(labelWidth)} ${right[1]}`;
}

/** At most so many engines are listed; those that disagree come first. */
const mostEngines = 8;

/** The lines of the screen. */
export function screenLines(status: CampaignStatus): string[] {
  const { plan, corpus, findings, rules, proofs, stability, workers, now } = status;
  const deaths = Object.values(status.deaths).reduce((a, b) => a + b, 0);
  const engines = Object.entries(status.engines).sort((a, b) => b[1].disagree - a[1].disagree || b[1].executions - a[1].executions);
  const width = Math.max(6, ...engines.map(([name]) => name.length));
  const cell = (value: number): string => thousands(value).padStart(13);
  return [
    `assay fuzz  ${status.folder}  seed ${plan.seed}  session ${status.sessions}  ${status.state}${plan.fault === undefined ? '' : `  with the planted fault ${plan.fault}`}`,
    '',
    pair(['run time', `${showDuration(status.seconds)} of ${showDuration(status.budget)}`], ['last new path', ago(corpus.lastNew, status.at)]),
    pair(['workers', `${workers.alive} of ${workers.planned} alive`], ['last finding', ago(findings.lastNew, status.at)]),
    pair(['modules', `${thousands(status.modules)} (${thousands(now.modulesPerSecond)}/s)`], ['corpus', `${thousands(corpus.entries)} entries, ${showBytes(corpus.bytes)}`]),
    pair(['executions', `${thousands(status.executions)} (${thousands(now.executionsPerSecond)}/s)`], ['features', thousands(corpus.features)]),
    pair(['rules fired', `${rules.fired} of ${rules.total} (${share(rules.fired, rules.total)})`], ['findings', String(findings.count)]),
    pair(['proofs', `${thousands(proofs.checked)} checked, ${proofs.failed} failed`], ['deaths', String(deaths)]),
    pair(['stability', stability.checked === 0 ? '–' : `${share(stability.stable, stability.checked, 2)} of ${thousands(stability.checked)}`], ['exhaustion', `${(100 * status.exhaustionShare).toFixed(2)} % of calls`]),
    '',
    `  ${'engine'.padEnd(width)}${'runs'.padStart(13)}${'agree'.padStart(13)}${'disagree'.padStart(13)}${'incomparable'.padStart(13)}`,
    ...engines.slice(0, mostEngines).map(([name, counts]) => `  ${name.padEnd(width)}${cell(counts.executions)}${cell(counts.agree)}${cell(counts.disagree)}${cell(counts.incomparable)}`),
    ...(engines.length > mostEngines ? [`  and ${engines.length - mostEngines} more`] : []),
    ...findings.list.slice(-3).map(({ signature, met }) => `  finding ${signature} (met ${met} times)`),
  ];
}

/** The same in one line. */
export function statusLine(status: CampaignStatus): string {
  const { corpus, findings, rules, proofs, now } = status;
  return `${showDuration(status.seconds)} of ${showDuration(status.budget)}: ${thousands(status.modules)} modules (${now.modulesPerSecond.toFixed(0)}/s), ${thousands(status.executions)} runs, corpus ${corpus.entries}, rules ${rules.fired}/${rules.total}, ${thousands(proofs.checked)} proofs, ${findings.count} findings`;
}
