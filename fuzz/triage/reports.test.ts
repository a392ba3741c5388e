// What CI services read of findings: SARIF and JUnit XML. No maintained package has the schema of SARIF 2.1.0, so its rules stand here, as far as they bear on
// what is written: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0". JUnit XML is read back by a reader that accepts no more than XML.

import { expect, test } from 'vitest';
import { type JunitCase, junitOf } from './junit.ts';
import { caseOfReplay, casesOfCampaign, casesOfTriage } from './junit-cases.ts';
import { sarifOf } from './sarif.ts';
import type { Triage, TriagedFinding } from './triage.ts';

const base: TriagedFinding = {
  state: 'new', signature: 'behaviour.x86-64.select.sshr', path: '/repository/crashes/a finding', severity: 'wrong value', kind: 'result', odd: 'x86-64', stage: 'select', rule: 'sshr',
  evidence: 'i32 1 < i32 2 & "so"', bytes: 39, seen: 2, first: 0, last: 1, replays: { times: 3, shown: 3, ways: 1 },
};
const findings: readonly TriagedFinding[] = [
  base,
  { ...base, state: 'regressed', signature: 'b', severity: 'wrong trap' },
  { ...base, state: 'known', signature: 'c' },
  { ...base, state: 'fixed', signature: 'd', replays: { times: 3, shown: 0, ways: 0 }, odd: undefined, stage: undefined, rule: undefined },
];

// ---- SARIF

/** What an object of the standard may hold; `!` marks what it must, and no object holds anything else. */
type Shape = Readonly<Record<string, (value: unknown, path: string) => void>>;

function fail(path: string, what: string): never {
  throw new Error(`${path}: ${what}`);
}
const text = (value: unknown, path: string): void => void (typeof value === 'string' || fail(path, 'is no string'));
const count = (value: unknown, path: string): void => void ((Number.isInteger(value) && Number(value) >= 0) || fail(path, 'is no count'));
const oneOf = (...words: readonly string[]) => (value: unknown, path: string): void => void (words.includes(String(value)) || fail(path, `is none of ${words.join()}`));
/** RFC 3986: no character that has to be escaped. */
const uriReference = (value: unknown, path: string): void => void ((typeof value === 'string' && /^[\w\-.~:/?#[\]@!$&'()*+,;=%]*$/.test(value)) || fail(path, `'${String(value)}' is no URI reference`));
const entries = (value: unknown, path: string): [string, unknown][] => (typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : fail(path, 'is no object'));
const listOf = (item: (value: unknown, path: string) => void) => (value: unknown, path: string): void => void (Array.isArray(value) ? value.forEach((one, i) => item(one, `${path}[${i}]`)) : fail(path, 'is no array'));
const stringsByName = (value: unknown, path: string): void => entries(value, path).forEach(([name, one]) => text(one, `${path}.${name}`));
const anything = (value: unknown, path: string): void => void entries(value, path);
const object = (shape: Shape) => (value: unknown, path: string): void => {
  const held = entries(value, path);
  for (const [name, one] of held) (shape[name] ?? shape[`${name}!`] ?? fail(path, `may not hold ${name}`))(one, `${path}.${name}`);
  for (const name of Object.keys(shape)) if (name.endsWith('!') && !held.some(([other]) => `${other}!` === name)) fail(path, `must hold ${name.slice(0, -1)}`);
};

// 3.11 message, multiformatMessageString · 3.49 reportingDescriptor · 3.19 toolComponent · 3.4 artifactLocation · 3.28 location · 3.27 result · 3.14 run · 3.13 sarifLog
const message = object({ text: text, markdown: text, id: text, arguments: listOf(text), properties: anything });
const region = object({ startLine: count, startColumn: count, endLine: count, endColumn: count, byteOffset: count, byteLength: count });
const artifactLocation = object({ uri: uriReference, uriBaseId: text, index: count, description: message });
const location = object({ id: count, physicalLocation: object({ artifactLocation, region }), message });
const descriptor = object({ 'id!': text, name: text, shortDescription: object({ 'text!': text, markdown: text }), fullDescription: object({ 'text!': text, markdown: text }), helpUri: uriReference, properties: anything });
const result = object({
  ruleId: text, ruleIndex: count, kind: oneOf('notApplicable', 'pass', 'fail', 'review', 'open', 'informational'), level: oneOf('none', 'note', 'warning', 'error'), 'message!': message,
  locations: listOf(location), fingerprints: stringsByName, partialFingerprints: stringsByName, properties: anything,
});
const driver = object({ 'name!': text, version: text, semanticVersion: text, informationUri: uriReference, rules: listOf(descriptor), properties: anything });
const log = object({ $schema: uriReference, 'version!': oneOf('2.1.0'), 'runs!': listOf(object({ 'tool!': object({ 'driver!': driver }), results: listOf(result), properties: anything })), properties: anything });

test('SARIF holds what the standard allows and all that it asks for', () => {
  const value = JSON.parse(JSON.stringify(sarifOf(findings, (path) => path.replace('/repository/', '')))) as unknown;
  log(value, 'log');
  log(JSON.parse(JSON.stringify(sarifOf([], (path) => path))), 'log');
  const { runs: [run] } = value as { runs: readonly [{ tool: { driver: { rules: readonly { id: string }[] } }; results: readonly { ruleId: string; level: string; locations: readonly unknown[] }[] }] };
  const ids = run.tool.driver.rules.map(({ id }) => id);
  // 3.19.23: no rule twice. 3.27.5: a result's rule is one of them.
  expect(new Set(ids).size).toBe(ids.length);
  for (const { ruleId } of run.results) expect(ids).toContain(ruleId);
  expect(run.results.map(({ level }) => level)).toEqual(['error', 'error', 'note', 'none']);
  expect(run.results[0]?.locations).toEqual([{ physicalLocation: { artifactLocation: { uri: 'crashes/a%20finding/report.md' } } }]);
});

test('the rules refuse what is no SARIF', () => {
  for (const [value, complaint] of [
    [{ version: '2.1.0' }, 'must hold runs'],
    [{ version: '2.0.0', runs: [] }, 'is none of 2.1.0'],
    [{ version: '2.1.0', runs: [{ tool: { driver: {} } }] }, 'must hold name'],
    [{ version: '2.1.0', runs: [{ tool: { driver: { name: 'x' } }, results: [{ level: 'bad', message: {} }] }] }, 'is none of none'],
    [{ version: '2.1.0', runs: [{ tool: { driver: { name: 'x' } }, results: [{ message: {}, place: 1 }] }] }, 'may not hold place'],
  ] as const) expect(() => log(value, 'log')).toThrow(complaint);
});

// ---- JUnit XML

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

const plain = (written: string): string => written.replaceAll(/&(lt|gt|amp|quot|#10|#9|#13);/g, (_all, name: string) => ({ lt: '<', gt: '>', amp: '&', quot: '"', '#10': '\n', '#9': '\t', '#13': '\r' })[name] ?? '');

/** Reads a document without comments, CDATA or namespaces; throws on anything that is not well-formed. */
function readXml(source: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const body = source.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  let at = 0;
  for (const tag of body.matchAll(/<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>/g)) {
    const [all, closes, name = '', written = '', isEmpty] = tag;
    const between = body.slice(at, tag.index);
    if (/[<>]|&(?!(?:lt|gt|amp|quot|#\d+);)/.test(between)) throw new Error(`not well-formed: ${between}`);
    const parent = open.at(-1);
    if (parent === undefined) throw new Error('nothing is open');
    parent.text += plain(between);
    at = tag.index + all.length;
    if (closes === '/') {
      if (open.pop()?.name !== name) throw new Error(`${name} is closed and was not open`);
      continue;
    }
    const element: Element = { name, attributes: Object.fromEntries([...written.matchAll(/ ([a-z]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, plain(value)])), children: [], text: '' };
    parent.children.push(element);
    if (isEmpty !== '/') open.push(element);
  }
  const [document] = root.children;
  if (open.length !== 1 || document === undefined || root.children.length !== 1 || body.slice(at).trim() !== '') throw new Error('not one whole element');
  return document;
}

const triaged: Triage = { findings, merged: [], unreadable: [{ path: 'crashes/half', reason: 'no report' }], absent: [] };

test('JUnit XML: a case for each finding; new and regressed fail, known is skipped, fixed passes, unreadable is an error', () => {
  const document = readXml(junitOf('assay triage', casesOfTriage(triaged)));
  expect(document).toMatchObject({ name: 'testsuites', attributes: { tests: '5', failures: '2', errors: '1' } });
  const [suite] = document.children;
  expect(suite).toMatchObject({ name: 'testsuite', attributes: { name: 'assay triage', tests: '5', failures: '2', errors: '1', skipped: '1' } });
  expect(suite?.children.map(({ name, attributes, children }) => [name, attributes['name'], attributes['classname'], children[0]?.name])).toEqual([
    ['testcase', 'behaviour.x86-64.select.sshr', 'assay.wrong-value', 'failure'],
    ['testcase', 'b', 'assay.wrong-trap', 'failure'],
    ['testcase', 'c', 'assay.wrong-value', 'skipped'],
    ['testcase', 'd', 'assay.wrong-value', undefined],
    ['testcase', 'crashes/half', 'assay.unreadable', 'error'],
  ]);
  const failure = suite?.children[0]?.children[0];
  expect(failure?.attributes).toEqual({ type: 'wrong-value', message: 'new: result on x86-64, stage select, sshr' });
  expect(failure?.text).toContain('i32 1 < i32 2 & "so"\nshown by 3 of 3 runs\nfolder: /repository/crashes/a finding');
});

test('JUnit XML: anything may stand in a message', () => {
  const nasty = 'a "b" <c> & d\n\te \u0000\u001b[31m \ud800 \u{1f600}';
  const cases: JunitCase[] = [caseOfReplay(nasty, nasty), caseOfReplay('gone', undefined)];
  const [shown, gone] = readXml(junitOf(nasty, cases)).children[0]?.children ?? [];
  const clean = 'a "b" <c> & d\n\te \ufffd\ufffd[31m \ufffd \u{1f600}';
  expect(shown?.attributes['name']).toBe(clean);
  expect(shown?.children[0]?.text).toBe(clean);
  expect(gone?.children).toEqual([]);
});

test('JUnit XML: what a campaign met fails unless it is known', () => {
  const cases = casesOfCampaign(['a', 'b', 'c'].map((signature) => ({ signature, path: `crashes/${signature}`, met: 2 })), new Map([['b', 'known'], ['c', 'fixed']]));
  expect(cases.map(({ outcome }) => [outcome.kind, 'message' in outcome ? outcome.message : ''])).toEqual([['failure', 'new, met 2 times'], ['skipped', 'known, met 2 times'], ['failure', 'regressed, met 2 times']]);
});
