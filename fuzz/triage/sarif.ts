// A triage as SARIF 2.1.0, the format in which code scanning services take findings.
// Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0"; sections 3.14 run, 3.27 result, 3.27.17 partialFingerprints.

import type { TriagedFinding } from './triage.ts';

const levels: Readonly<Record<TriagedFinding['state'], string>> = { new: 'error', regressed: 'error', known: 'note', fixed: 'none' };

/** The log, as a value for JSON; `relative` makes the path of a finding's folder relative to the repository. */
export function sarifOf(findings: readonly TriagedFinding[], relative: (path: string) => string): unknown {
  const severities = [...new Set(findings.map(({ severity }) => severity))];
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{
      tool: { driver: { name: 'assay', rules: severities.map((severity) => ({ id: severity.replaceAll(' ', '-'), shortDescription: { text: severity } })) } },
      results: findings.map((one) => ({
        ruleId: one.severity.replaceAll(' ', '-'),
        level: levels[one.state],
        message: { text: `${one.signature}: ${one.kind}${one.odd === undefined ? '' : ` on ${one.odd}`}${one.stage === undefined ? '' : `, stage ${one.stage}`}${one.rule === undefined ? '' : `, ${one.rule}`}` },
        locations: [{ physicalLocation: { artifactLocation: { uri: `${relative(one.path)}/report.md`.split('/').map(encodeURIComponent).join('/') } } }],
        partialFingerprints: { rootCause: one.signature },
        properties: { state: one.state, shown: one.replays.shown, runs: one.replays.times, bytes: one.bytes, seen: one.seen },
      })),
    }],
  };
}
