// How vitest runs the tests: each file in a process of its own, since code under test installs signal handlers and maps memory, and a wild jump
// must end one file's process, not the run. Modules are loaded by Node itself, as in production, not rewritten by a bundler.

import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{compiler,interpreter,fuzz,scripts}/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: Math.max(1, Math.min(4, availableParallelism())),
    execArgv: ['--disable-warning=ExperimentalWarning'],
    // Generous, for machines under load: a test's length is its author's business, this only ends what hangs.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 10_000,
    experimental: { viteModuleRunner: false },
  },
});
