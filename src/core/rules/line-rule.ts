import type { PtsUs } from '../plugin-api/index.js';
import type { Findings } from './findings.js';
import { anchorOf, crossings, distanceTo } from './geometry.js';
import { type AnalysedSegment, type LineRule, TRACKS_PER_RULE } from './rule.js';
import { type Seen, sightedFrames } from './sighted-frames.js';

/** Where a track was last, and the crossing it has not yet left the margin after. */
export type Walker = [trackId: string, x: number, y: number, lastUs: PtsUs, pending: -1 | 0 | 1, crossedUs: PtsUs];

export interface LineState {
  readonly k: 'line';
  p: PtsUs | null;
  u: PtsUs | null;
  /** Crossings so far, in and out. */
  i: number;
  o: number;
  t: Walker[];
}

export const newLineState = (): LineState => ({ k: 'line', p: null, u: null, i: 0, o: 0, t: [] });

/**
 * A crossing is told once its track has got away from the line by the margin, with the time at which it crossed, interpolated
 * between two frames. One that turns back before that has not crossed. `in`: from the left of the line to its right, as one walks
 * along it on the screen.
 */
export function judgeLine(rule: LineRule, before: LineState, segment: AnalysedSegment, findings: Findings): LineState {
  const walkers = new Map(before.t.map((walker) => [walker[0], walker]));
  const state: LineState = { ...before, u: segment.ptsEndUs };
  for (const { ptsUs, seen } of sightedFrames(rule, segment.sightings, before.p)) {
    state.p = ptsUs;
    for (const one of seen) if (one.trackId !== undefined) step(rule, state, walkers, one, one.trackId, ptsUs, findings);
  }
  const keep = [...walkers.values()].filter(([, , , lastUs]) => segment.ptsEndUs - lastUs <= rule.params.maxGapMs * 1_000);
  state.t = keep.sort((a, b) => a[3] - b[3]).slice(-TRACKS_PER_RULE);
  return state;
}

function step(
  rule: LineRule,
  state: LineState,
  walkers: Map<string, Walker>,
  seen: Seen,
  trackId: string,
  ptsUs: PtsUs,
  findings: Findings,
): void {
  const to = anchorOf(seen.box, rule.params.anchor);
  const last = walkers.get(trackId);
  // Delete first: the map stays in the order of last sight.
  walkers.delete(trackId);
  if (last === undefined || ptsUs - last[3] > rule.params.maxGapMs * 1_000) {
    walkers.set(trackId, [trackId, to[0], to[1], ptsUs, 0, 0]);
    return;
  }
  const [, x, y, lastUs] = last;
  let [, , , , pending, crossedUs] = last;
  for (const { direction, along } of crossings([x, y], to, rule.points)) {
    const atUs = Math.round(lastUs + along * (ptsUs - lastUs));
    [pending, crossedUs] = pending === -direction ? [0, 0] : [direction, atUs];
  }
  if (pending !== 0 && distanceTo(to, rule.points, false) >= rule.params.margin) {
    tell(state, trackId, seen.label, pending, crossedUs, ptsUs, findings);
    [pending, crossedUs] = [0, 0];
  }
  walkers.set(trackId, [trackId, to[0], to[1], ptsUs, pending, crossedUs]);
}

function tell(
  state: LineState,
  trackId: string,
  label: string,
  direction: -1 | 1,
  crossedUs: PtsUs,
  nowUs: PtsUs,
  findings: Findings,
): void {
  const way = direction === 1 ? 'in' : 'out';
  const [countIn, countOut] = direction === 1 ? [state.i + 1, state.o] : [state.i, state.o + 1];
  if (!findings.start(trackId, crossedUs, { trackId, label, direction: way, in: countIn, out: countOut })) return;
  [state.i, state.o] = [countIn, countOut];
  findings.end(trackId, crossedUs, crossedUs, {});
  findings.metric(way, nowUs, direction === 1 ? countIn : countOut, 'crossings');
}
