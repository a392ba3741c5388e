// Supervisor and workers are killed fifty times in one campaign with a planted fault; nothing is lost, and everything is counted once.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { torture } from './torture.ts';

test('fifty kills at random lose no finding, no corpus entry and no count', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'assay-torture-'));
  try {
    const result = await torture({
      plan: { targets: ['modules'], engines: ['interp', 'ir'], occasional: [], fault: 'compiler-throws', seed: 3, seconds: 600, workers: 2, hangSeconds: 120, shrinkSeconds: 0, wabtEvery: 0 },
      scratch, kills: 50, seed: 1, numbers: 80,
    });
    expect(result.losses).toEqual([]);
    expect(result.kills.supervisors + result.kills.workers).toBe(50);
    expect(result.kills.supervisors).toBeGreaterThan(3);
    expect(result.kills.inFlight).toBeGreaterThan(10);
    expect(result.findings.length).toBeGreaterThan(0);
    expect(result.entries).toBeGreaterThan(20);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}, 600_000);
