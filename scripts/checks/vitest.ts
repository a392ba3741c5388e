// The process in which vitest itself runs: its usual report for the reader, and events for scripts/checks/tests.ts on file descriptor 3.
// Arguments: parts of the paths to which the run is limited.

import { startVitest } from 'vitest/node';
import { root } from '../frame.ts';
import { EventReporter } from './reporter.ts';

const vitest = await startVitest('test', process.argv.slice(2), { root, configLoader: 'native', watch: false, reporters: ['default', new EventReporter()] });
await vitest.close();
