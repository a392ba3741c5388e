// The process that fuzzes: started by supervise.ts with a `SessionOrder` as its only argument. It imports nothing of the compiler itself, so that
// everything of the compiler comes in through the instrumenting loader.

import { Counters } from './counters.ts';
import { instrumentWhatIsLoaded } from './loader.ts';
import type { SessionOrder } from './order.ts';

const counters = new Counters();
instrumentWhatIsLoaded(counters);
const { runSession } = await import('./run-session.ts');
await runSession(JSON.parse(process.argv[2] ?? '{}') as SessionOrder, counters);
