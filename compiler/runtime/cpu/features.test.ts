// Code for a CPU with more than this one has is refused when it is loaded, not when it goes wrong.

import { describe, expect, it } from 'vitest';
import { assembledArtifact, emptyManifest } from './assembled-artifact.ts';
import { openCpu, whyNoCpu } from './cpu.ts';
import { hostFeatures } from './features.ts';

describe('CPU features', () => {
  it('are asked of the system once', () => {
    expect(hostFeatures()).toBe(hostFeatures());
  });

  it('must all be there when code is loaded', ({ skip }) => {
    const reason = whyNoCpu();
    skip(reason !== undefined, reason);
    const cpu = openCpu();
    const artifact = assembledArtifact(emptyManifest, []);
    cpu.load(artifact).release();
    expect(() => cpu.load({ ...artifact, features: ['time travel'] })).toThrow('this CPU lacks time travel');
    cpu.dispose();
  });
});
