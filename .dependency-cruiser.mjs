// @ts-check
// The arrows of the house: which room may import which. dependency-cruiser checks them in `npm test`; by hand: `npx depcruise --config .dependency-cruiser.mjs .`
//
// Each room has one row: the places it may import besides itself. Everything that is not in the row is forbidden, Node's own modules and packages
// included, so a missing word here is refused rather than let through. Type-only imports are arrows too. Tests follow their room's row, may use
// whatever packages they like, and those of the compiler may also come in by the inner door.

const base = '^compiler/base/';
const contract = '^compiler/contract/';
const wasm = '^compiler/wasm/';
const ir = '^compiler/ir/';
const analysis = '^compiler/analysis/';
const translate = '^compiler/translate/';
const optimise = '^compiler/optimise/';
const regalloc = '^compiler/regalloc/';
const machine = '^compiler/machine/';
const isa = '^compiler/isa/';
const isaList = '^compiler/isa/index[.]ts$';
const isaTargets = '^compiler/isa/[^/]+/target[.]ts$';
const emit = '^compiler/emit/';
const object = '^compiler/object/';
const runtime = '^compiler/runtime/';
const sandbox = '^compiler/sandbox/';
const audit = '^compiler/audit/';
const pipeline = '^compiler/pipeline([.]ts$|/)';
const testing = '^compiler/testing/';
const outerDoor = '^compiler/index[.]ts$';
const innerDoor = '^compiler/inside[.]ts$';
const compiler = '^compiler/';
const interpreter = '^interpreter/';
const interpreterDoor = '^interpreter/index[.]ts$';
const fuzz = '^fuzz/';
const scripts = '^scripts/';

const regallocOperand = '^compiler/regalloc/operand[.]ts$';
const regallocProblem = '^compiler/regalloc/problem[.]ts$';

/** Node's own modules as dependency-cruiser names them (with or without the prefix `node:`). */
const node = '^(node:)?[a-z][a-z0-9_/]*$';
const packages = '(^|/)node_modules/';
const koffi = '^node_modules/koffi/';
const wasiShim = '^node_modules/@bjorn3/browser_wasi_shim/';

/** @typedef {{ name: string, room: string, except?: string, may: string[] }} Row */

/** @type {Row[]} */
const rows = [
  { name: 'base',            room: base,         may: [] },
  { name: 'contract',        room: contract,     may: [base] },
  { name: 'wasm',            room: wasm,         may: [base] },
  { name: 'ir',              room: ir,           may: [contract, base] },
  { name: 'analysis',        room: analysis,     may: [ir, base] },
  { name: 'translate',       room: translate,    may: [wasm, ir, contract, base] },
  { name: 'optimise',        room: optimise,     may: [ir, analysis, base] },
  { name: 'regalloc',        room: regalloc,     may: [base] },
  { name: 'machine',         room: machine,      may: [regallocOperand, regallocProblem, ir, analysis, contract, base] },
  { name: 'isa-list',        room: isaList,      may: [isaTargets, machine, contract, base] },
  { name: 'emit',            room: emit,         may: [machine, regalloc, contract, base] },
  { name: 'object',          room: object,       may: [contract, base] },
  { name: 'runtime',         room: runtime,      may: [isa, emit, object, contract, base, koffi, wasiShim, node] },
  { name: 'sandbox',         room: sandbox,      may: [runtime, contract, base] },
  { name: 'audit',           room: audit,        may: [contract, base] },
  { name: 'pipeline',        room: pipeline,     may: [base, contract, wasm, ir, analysis, translate, optimise, regalloc, machine, isa, emit, node] },
  { name: 'testing',         room: testing,      may: [innerDoor, node] },
  { name: 'filetests',       room: '^compiler/filetests/', may: [innerDoor, node] },
  { name: 'outer-door',      room: outerDoor,    may: [pipeline, object, runtime, sandbox, audit] },
  { name: 'inner-door',      room: innerDoor,    may: [compiler] },
  { name: 'interpreter',     room: interpreter,  may: [] },
  { name: 'fuzz',            room: fuzz,         may: [outerDoor, innerDoor, interpreterDoor, node, packages] },
  { name: 'scripts',         room: scripts,      may: [outerDoor, innerDoor, interpreterDoor, fuzz, node, packages, '^[^/]+[.](ts|mjs|json)$'] },
];

const test = '[.]test[.]ts$';
const own = '^(compiler|interpreter|fuzz|scripts)/';

/**
 * @param {Row} row
 * @returns {import('dependency-cruiser').IForbiddenRuleType[]}
 */
const rulesOf = ({ name, room, may }) => [
  { name: `arrows-${name}`, severity: 'error', comment: `what ${name} may import`, from: { path: room, pathNot: test }, to: { pathNot: [room, ...may] } },
  {
    name: `arrows-${name}-tests`,
    severity: 'error',
    comment: `what the tests of ${name} may import`,
    from: { path: `${room}.*${test}` },
    to: { pathNot: [room, ...may, node, packages, ...(room.startsWith(compiler) ? [innerDoor] : [])] },
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
const configuration = {
  forbidden: [
    ...rows.flatMap(rulesOf),
    // One row serves every instruction set: `$1` is the folder the import comes from, so another one's folder never fits.
    {
      name: 'arrows-isa',
      severity: 'error',
      comment: 'an instruction set knows no other, and of the allocator only what an operand is',
      from: { path: '^compiler/isa/([^/]+)/', pathNot: test },
      to: { pathNot: ['^compiler/isa/$1/', machine, regallocOperand, ir, contract, base] },
    },
    {
      name: 'arrows-isa-tests',
      severity: 'error',
      comment: 'what the tests of an instruction set may import',
      from: { path: `^compiler/isa/([^/]+)/.*${test}` },
      to: { pathNot: ['^compiler/isa/$1/', machine, regallocOperand, ir, contract, base, testing, node, packages, innerDoor] },
    },
    {
      name: 'no-room',
      severity: 'error',
      comment: 'a source outside every room above has no arrows: name its room in STYLE section 3 and here',
      from: { path: own, pathNot: [...rows.map((row) => row.room), '^compiler/isa/[^/]+/'] },
      to: {},
    },
    { name: 'tests-are-leaves', severity: 'error', comment: 'nothing imports a test', from: { path: own }, to: { path: test } },
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'files that need each other are one file, or lack a third; types may look both ways inside a room',
      from: { path: own },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: packages },
    exclude: { path: '^(corpus|crashes|[.]cache)/' },
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};

export default configuration;
