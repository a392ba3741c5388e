// The repository's own findings are all accounted for; and what is not would be noticed.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { unaccounted } from './account.ts';
import { lifeCycleFile } from './triage.ts';

test('every finding in crashes/ is known', () => {
  expect(unaccounted(fileURLToPath(new URL('../../crashes', import.meta.url)))).toEqual([]);
});

test('new, regressed and fixed findings, and lines without a finding, are noticed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-account-'));
  for (const name of ['a.new', 'b.known', 'c.regressed', 'd.fixed']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, lifeCycleFile), 'known b.known  waiting\nregressed c.regressed\nfixed d.fixed\nknown e.gone\nfixed f.long-gone\n');
  const complaints = unaccounted(folder);
  rmSync(folder, { recursive: true });
  expect(complaints.map((line) => line.split(':', 1)[0])).toEqual(['a.new is new', 'c.regressed is regressed', 'd.fixed is fixed', `${lifeCycleFile} says that e.gone is known, and there is no such folder`]);
});
