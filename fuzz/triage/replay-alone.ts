// Runs one finding in a process of its own, which it may kill or never leave: the folder is the first argument, a planted fault's name the second.
// Prints what it showed as one line of JSON, `null` for nothing.

import { maybeFault } from '../faults/index.ts';
import { readStored } from './folder.ts';
import { replay } from './replays.ts';

const [, , path = '', fault = ''] = process.argv;
const { last } = await replay(readStored(path), 1, maybeFault(fault)?.faults ?? []);
process.stdout.write(`${JSON.stringify(last ?? null)}\n`, () => process.exit(0));
