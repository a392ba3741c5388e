// For the tests of runners: a driver that opens one for the target named on its command line, says its process id, and dies as its second word says
// (`killed`, `ends`, or `throws`).

import { openRunner } from '../../../compiler/index.ts';
import { targetNames } from '../../../compiler/inside.ts';

const [, , word, way] = process.argv;
const target = targetNames.find((name) => name === word);
if (target === undefined) throw new Error(`no target ${word}`);
const runner = openRunner(target);
process.stdout.write(`${runner.pid}\n`, () => {
  if (way === 'killed') process.kill(process.pid, 'SIGKILL');
  if (way === 'throws') throw new Error('the driver fails');
});
