import type { Track } from './sighting.js';

/** What is known of a track by its scores so far. */
export interface TrackEvidence {
  /** Log-odds of its best score. */
  readonly best: number;
  /** What its next best scores add: log-odds above those of something seen by chance, summed up. */
  readonly others: number;
  /** 1 where it stood still: an overlay. */
  readonly still: number;
}

/** Fitted to val scenes by `npm run bench:logos -- --source mixed,simple-icons --fit tracks`. */
const WEIGHTS: Readonly<Record<keyof TrackEvidence | 'bias', number>> = { bias: -1.67, best: 1.25, others: 0.04, still: 1.09 };
const BY_CHANCE = -3;
/** No single frame says more than this. */
const LARGEST = 6;
const STILL_HITS = 2;

export function trackEvidence({ topScores, stillHits }: Track): TrackEvidence {
  const odds = topScores.map((score) => Math.max(-LARGEST, Math.min(LARGEST, Math.log(score / (1 - score)))));
  return {
    best: odds[0] ?? -LARGEST,
    others: odds.slice(1).reduce((sum, value) => sum + Math.max(0, value - BY_CHANCE), 0),
    still: stillHits >= STILL_HITS ? 1 : 0,
  };
}

/** 0..1: how likely it is that logo, by all that was seen of it. Evidence adds up: what is weak on each frame may be sure on four. */
export function surenessOf(track: Track): number {
  const evidence = trackEvidence(track);
  const sum = (Object.keys(evidence) as (keyof TrackEvidence)[]).reduce(
    (total, name) => total + WEIGHTS[name] * evidence[name],
    WEIGHTS.bias,
  );
  return 1 / (1 + Math.exp(-sum));
}
