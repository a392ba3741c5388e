// A process that judges candidates for a reduction, so that a crash or a hang of what is tested ends this process and not the search.
// Told by its only argument (a `JudgeOrder` as JSON); takes questions over the IPC channel and answers each.

import { maybeFault } from '../faults/index.ts';
import type { Answer, JudgeOrder, Question } from './judge.ts';
import { openLaboratory } from './laboratory.ts';

const { fault, ...order } = JSON.parse(process.argv[2] ?? '{}') as JudgeOrder;
const laboratory = await openLaboratory({ ...order, faults: fault === undefined ? [] : (maybeFault(fault)?.faults ?? []) });

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
process.on('disconnect', () => process.exit(0));
process.send?.({ kind: 'ready' } satisfies Answer);
