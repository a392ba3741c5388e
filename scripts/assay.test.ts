// The command line as a user meets it: the frame's exit codes and streams, and the launcher in a folder of its own, with a stand-in for npm.

import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { root } from './frame.ts';
import { verbs } from './verbs.ts';

type Ended = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

function assay(...args: readonly string[]): Ended {
  return spawnSync(join(root, 'scripts/assay'), args, { encoding: 'utf8', cwd: '/' });
}

describe('the frame', () => {
  test('without a verb it says how it is used', () => {
    const { status, stdout, stderr } = assay();
    expect([status, stdout]).toEqual([2, '']);
    for (const { name, summary } of verbs) expect(stderr).toMatch(new RegExp(`^  ${name} +${RegExp.escape(summary)}$`, 'm'));
  });

  test('help is an answer, so it goes to standard output', () => {
    expect(assay('--help')).toMatchObject({ status: 0, stderr: '' });
    expect(assay('help', 'doctor').stdout).toBe(assay('doctor', '--help').stdout);
  });

  test.each(verbs.map((verb) => verb.name))('%s explains itself and knows --json', (name) => {
    const { status, stdout, stderr } = assay(name, '--help');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Usage: assay ${name} `);
    expect(stdout).toContain('--json');
  });

  test.each([[['nonsense']], [['doctor', '--nonsense']], [['doctor', 'nonsense']]])('bad usage %j ends with 2 and a message', (args) => {
    const { status, stdout, stderr } = assay(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('nonsense');
  });

  test('the last line of --json is the answer', () => {
    const { stdout } = assay('doctor', '--json');
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ ok: true, parts: expect.any(Array) });
  });
});

/** A stand-in for npm: notes that it was called, then does what the file `plan` beside it says. */
const npmStandIn = `#!/bin/sh
here=$(dirname "$0")
if [ "$1" = config ]; then echo the-registry-of-this-test; exit 0; fi
echo "$@" >> "$here/calls"
case $(cat "$here/plan") in
  offline) echo 'npm error code ENOTFOUND' >&2; echo 'npm error network request failed' >&2; exit 1 ;;
  forgetful) mkdir -p node_modules; exit 0 ;;
esac
sleep 0.3
rm -rf node_modules
mkdir -p "node_modules/node-linux-$ARCH/bin" node_modules/needed
ln -s "$NODE" "node_modules/node-linux-$ARCH/bin/node"
cp package-lock.json node_modules/.package-lock.json
`;

describe('the launcher', () => {
  let folder = '';
  let house = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay launcher '));
    house = join(folder, 'a house');
    mkdirSync(join(house, 'scripts'), { recursive: true });
    mkdirSync(join(folder, 'bin'));
    mkdirSync(join(folder, 'elsewhere'));
    for (const name of ['assay', 'setup.mjs']) copyFileSync(join(root, 'scripts', name), join(house, 'scripts', name));
    writeFileSync(join(house, 'scripts/assay.ts'), "// Says what it got.\nconst args: string[] = process.argv.slice(2);\nconsole.log('started with ' + args.join('|'));\nprocess.exitCode = args.length;\n");
    writeFileSync(join(house, 'package.json'), '{ "name": "house", "type": "module" }');
    const packages = { '': {}, [`node_modules/node-linux-${process.arch}`]: { version: '1.0.0', integrity: 'sha512-a', optional: true }, 'node_modules/needed': { version: '2.0.0', integrity: 'sha512-b' }, 'node_modules/foreign': { version: '3.0.0', optional: true } };
    writeFileSync(join(house, 'package-lock.json'), JSON.stringify({ packages }));
    writeFileSync(join(folder, 'bin/npm'), npmStandIn);
    chmodSync(join(folder, 'bin/npm'), 0o755);
    plan('works');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const plan = (text: string): void => writeFileSync(join(folder, 'bin/plan'), text);
  const calls = (): string[] => (existsSync(join(folder, 'bin/calls')) ? readFileSync(join(folder, 'bin/calls'), 'utf8').trimEnd().split('\n') : []);
  const environment = (): NodeJS.ProcessEnv => ({ ...process.env, PATH: `${join(folder, 'bin')}:${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`, NODE: process.execPath, ARCH: process.arch, HOME: join(folder, 'elsewhere') });
  const start = (program: string, ...args: readonly string[]): Ended => spawnSync(program, args, { encoding: 'utf8', cwd: join(folder, 'elsewhere'), env: environment() });
  const launcher = (): string => join(house, 'scripts/assay');

  test('sets up once, says so, and passes on arguments and exit code', () => {
    const first = start(launcher(), 'two words', '*');
    expect(first).toMatchObject({ status: 2, stdout: 'started with two words|*\n' });
    expect(first.stderr).toMatch(/set-up: installing the 2 packages/);
    expect(start(launcher())).toMatchObject({ status: 0, stdout: 'started with \n', stderr: '' });
    expect(calls()).toHaveLength(1);
    expect(calls()[0]).toMatch(/^ci .*--include=dev/);
  });

  test('follows links to itself', () => {
    symlinkSync('../a house/scripts/assay', join(folder, 'elsewhere/link'));
    symlinkSync(join(folder, 'elsewhere/link'), join(folder, 'elsewhere/link to a link'));
    expect(start(join(folder, 'elsewhere/link to a link'), 'x')).toMatchObject({ status: 1, stdout: 'started with x\n' });
  });

  test('two first starts at a time install once', async () => {
    const ends = await Promise.all(
      [1, 2].map(() => new Promise<number | null>((resolve) => spawn(launcher(), [], { env: environment(), stdio: 'ignore' }).on('close', resolve))),
    );
    expect(ends).toEqual([0, 0]);
    expect(calls()).toHaveLength(1);
  });

  test('a changed lock file is set up anew', () => {
    start(launcher());
    writeFileSync(join(house, 'package-lock.json'), readFileSync(join(house, 'package-lock.json'), 'utf8').replace('2.0.0', '2.0.1'));
    expect(start(launcher()).status).toBe(0);
    expect(calls()).toHaveLength(2);
  });

  test('packages that are all there already are not fetched again', () => {
    start(launcher());
    rmSync(join(house, 'node_modules/.assay-lock'));
    expect(start(launcher())).toMatchObject({ status: 0, stderr: '' });
    expect(calls()).toHaveLength(1);
  });

  test('a package whose folder is gone is installed again', () => {
    start(launcher());
    rmSync(join(house, 'node_modules/.assay-lock'));
    rmSync(join(house, 'node_modules/needed'), { recursive: true });
    expect(start(launcher()).status).toBe(0);
    expect(calls()).toHaveLength(2);
  });

  test('without a registry it says what, where, and how to mend it', () => {
    plan('offline');
    const { status, stdout, stderr } = start(launcher());
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/set-up is not possible: no package registry answers/);
    expect(stderr).toContain(`where: ${house}/ with the registry the-registry-of-this-test`);
    expect(stderr).toMatch(/mend: {2}connect this machine/);
    plan('works');
    expect(start(launcher()).status).toBe(0);
  });

  test('packages that npm left out are not taken for set up', () => {
    plan('forgetful');
    const { status, stderr } = start(launcher());
    expect(status).toBe(3);
    expect(stderr).toMatch(/left packages out/);
  });

  test('without any Node it says so', () => {
    const bare = join(folder, 'a PATH without node');
    mkdirSync(bare);
    for (const tool of ['cmp', 'dirname', 'readlink', 'uname']) symlinkSync(spawnSync('which', [tool], { encoding: 'utf8' }).stdout.trim(), join(bare, tool));
    const { status, stderr } = spawnSync('/bin/sh', [launcher()], { encoding: 'utf8', env: { PATH: bare } });
    expect([status, stderr]).toEqual([3, expect.stringContaining("no 'node' on the PATH")]);
  });
});
