// A process that judges candidates for a reduction, so that a crash or a hang of what is tested ends this process and not the search.
// Told by its only argument (a `JudgeOrder` as JSON); takes questions over the IPC channel and answers each.

import { endWithSupervisor } from '../campaign/watchdog.ts';
import { maybeFault } from '../faults/index.ts';
import type { Answer, JudgeOrder, Question } from './judge.ts';
import { openLaboratory } from './laboratory.ts';
import { openPartLaboratory } from './part-laboratory.ts';

const { fault, part, ...order } = JSON.parse(process.argv[2] ?? '{}') as JudgeOrder;
const faults = fault === undefined ? [] : (maybeFault(fault)?.faults ?? []);
const laboratory = part === undefined ? await openLaboratory({ ...order, faults }) : openPartLaboratory(part, faults);

process.on('message', (question: Question) => {
  const answer = (content: Answer): void => {
    process.send?.(content);
  };
  const reply = async (): Promise<void> => {
    if (question.kind === 'look') answer({ kind: 'seen', wish: await laboratory.look(question.bytes) });
    else answer({ kind: 'verdict', isInteresting: await laboratory.shows(question.bytes, question.wish) });
  };
  reply().catch((error: unknown) => answer({ kind: 'broken', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }));
});
// A terminal interrupts all processes of a command; whoever started this one decides what becomes of it.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
// Not heard by one that hangs.
endWithSupervisor();
process.send?.({ kind: 'ready' } satisfies Answer);
