import { describe, expect, it } from 'vitest';
import type { Track } from './sighting.js';
import { surenessOf, trackEvidence } from './track-evidence.js';

const track = (topScores: readonly number[], stillHits = 0): Track => ({ topScores: [...topScores], stillHits }) as unknown as Track;

describe(surenessOf.name, () => {
  it('adds up what is weak on each frame', () => {
    const [once, often] = [surenessOf(track([0.4])), surenessOf(track([0.4, 0.4, 0.4, 0.4]))];
    expect(often).toBeGreaterThan(once);
    expect(often).toBeGreaterThan(surenessOf(track([0.4, 0.1, 0.1, 0.1])));
  });

  it('never makes more of chance by seeing it often', () => {
    expect(surenessOf(track([0.04, 0.04, 0.03, 0.02]))).toBeLessThan(0.15);
  });

  it('lets no single frame say everything', () => {
    expect(trackEvidence(track([1])).best).toBe(trackEvidence(track([0.9999])).best);
    expect(surenessOf(track([1]))).toBeLessThan(1);
  });
});

describe(trackEvidence.name, () => {
  it('knows what stood still', () => {
    expect(trackEvidence(track([0.9, 0.9], 1))).toMatchObject({ still: 0 });
    expect(trackEvidence(track([0.9, 0.9], 5))).toMatchObject({ still: 1 });
  });
});
