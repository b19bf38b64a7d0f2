import type { PtsUs } from '../plugin-api/index.js';
import { durationMs, type EndedBy, Findings } from './findings.js';
import { anchorOf, distanceTo, isInside, shareInside } from './geometry.js';
import { type AnalysedSegment, type DwellRule, TRACKS_PER_RULE, type ZoneRule } from './rule.js';
import { type Seen, sightedFrames } from './sighted-frames.js';

/** A track that is in the zone: name, entry, last seen there, label, whether its event was told. */
export type Inside = [trackId: string, sinceUs: PtsUs, lastUs: PtsUs, label: string, isTold: 0 | 1];

export interface ZoneState {
  readonly k: 'zone';
  /** Last frame. */
  p: PtsUs | null;
  /** Media has been looked at up to here. */
  u: PtsUs | null;
  t: Inside[];
}

export const newZoneState = (): ZoneState => ({ k: 'zone', p: null, u: null, t: [] });

/**
 * Zone and dwell: from the frame in which a track is inside for the first time to the one in which it is outside, by more than the
 * margin, for the first time; or to where it was seen last. A dwell tells it once it has lasted long enough.
 */
export function judgeZone(rule: ZoneRule | DwellRule, before: ZoneState, segment: AnalysedSegment, findings: Findings): ZoneState {
  const inside = new Map(before.t.map((entry) => [entry[0], [...entry] as Inside]));
  let lastUs = before.p;
  for (const { ptsUs, seen } of sightedFrames(rule, segment.sightings, before.p)) {
    lastUs = ptsUs;
    expire(rule, inside, ptsUs, findings);
    for (const one of seen) if (one.trackId !== undefined) look(rule, inside, one, one.trackId, ptsUs, findings);
  }
  expire(rule, inside, segment.ptsEndUs, findings);
  return { k: 'zone', p: lastUs, u: segment.ptsEndUs, t: [...inside.values()] };
}

/** Ends what is open: the rule was changed, or what follows is not looked at. */
export function endZone(state: ZoneState, endUs: PtsUs, by: EndedBy, findings: Findings): void {
  for (const entry of state.t) end(entry, endUs, by, findings);
}

function look(
  rule: ZoneRule | DwellRule,
  inside: Map<string, Inside>,
  seen: Seen,
  trackId: string,
  ptsUs: PtsUs,
  findings: Findings,
): void {
  const entry = inside.get(trackId);
  if (entry === undefined) {
    if (!enters(rule, seen) || inside.size >= TRACKS_PER_RULE) return;
    const fresh: Inside = [trackId, ptsUs, ptsUs, seen.label.slice(0, 64).toWellFormed(), 0];
    inside.set(trackId, fresh);
    tell(rule, fresh, findings);
  } else if (stays(rule, seen)) {
    entry[2] = ptsUs;
    tell(rule, entry, findings);
  } else {
    inside.delete(trackId);
    end(entry, ptsUs, 'left', findings);
  }
}

function tell(rule: ZoneRule | DwellRule, entry: Inside, findings: Findings): void {
  const [trackId, sinceUs, lastUs, label, isTold] = entry;
  const afterMs = rule.kind === 'dwell' ? rule.params.dwellMs : 0;
  if (isTold === 1 || lastUs - sinceUs < afterMs * 1_000) return;
  if (findings.start(trackId, sinceUs, { trackId, label, ...(rule.kind === 'dwell' ? { thresholdMs: afterMs } : {}) })) entry[4] = 1;
}

function expire(rule: ZoneRule | DwellRule, inside: Map<string, Inside>, nowUs: PtsUs, findings: Findings): void {
  for (const [trackId, entry] of inside) {
    if (nowUs - entry[2] <= rule.params.maxGapMs * 1_000) continue;
    inside.delete(trackId);
    end(entry, entry[2], 'lost', findings);
  }
}

function end([trackId, sinceUs, , , isTold]: Inside, endUs: PtsUs, endedBy: EndedBy, findings: Findings): void {
  if (isTold === 1) findings.end(trackId, sinceUs, endUs, { dwellMs: durationMs(sinceUs, endUs), endedBy });
}

function enters({ params, points }: ZoneRule | DwellRule, { box }: Seen): boolean {
  if (params.anchor === 'overlap') return shareInside(box, points) >= params.minOverlap;
  return isInside(anchorOf(box, params.anchor), points);
}

function stays({ params, points }: ZoneRule | DwellRule, { box }: Seen): boolean {
  if (params.anchor === 'overlap') return shareInside(box, points) >= params.minOverlap - params.margin;
  const anchor = anchorOf(box, params.anchor);
  return isInside(anchor, points) || distanceTo(anchor, points, true) <= params.margin;
}
