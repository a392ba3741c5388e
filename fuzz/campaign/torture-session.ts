// One session of a campaign in a process of its own, to be killed. Told by its only argument, the plan as JSON.

import type { CampaignPlan } from './plan.ts';
import { runCampaign } from './supervise.ts';

// Whoever tortures holds the other end: when that is gone, so is the campaign.
process.stdin.on('end', () => process.exit(1)).resume();

await runCampaign(JSON.parse(process.argv[2] ?? '{}') as CampaignPlan, () => undefined);
process.stdin.destroy();
