import type { PtsUs } from '../plugin-api/index.js';
import { durationMs, type EndedBy, type Findings } from './findings.js';
import { anchorOf, isInside, shareInside } from './geometry.js';
import type { AnalysedSegment, CountRule } from './rule.js';
import { type Seen, sightedFrames } from './sighted-frames.js';

export interface CountState {
  readonly k: 'count';
  p: PtsUs | null;
  u: PtsUs | null;
  /** The step of media time being counted, and the most objects seen in a frame of it. */
  b: number | null;
  c: number;
  /** Since when the condition holds, whether that was told, and the extreme count meanwhile. */
  h: PtsUs | null;
  r: 0 | 1;
  m: number;
}

export const newCountState = (): CountState => ({ k: 'count', p: null, u: null, b: null, c: 0, h: null, r: 0, m: 0 });

const SUBJECT = 'zone';
/** A jump in media time of more than this is media that was not analysed. */
const GAP_US = 500_000;
const MAX_STEPS = 3_600;

/**
 * Counts objects in the zone, once per step of media time: the most in any one frame of the step, so that one missed detection
 * does not count; 0 when the step was analysed and nothing was seen. The event lasts from the first step for which the condition
 * holds to the first for which it does not, and is told once it has held for long enough.
 */
export function judgeCount(rule: CountRule, before: CountState, segment: AnalysedSegment, findings: Findings): CountState {
  const state: CountState = { ...before };
  const stepUs = rule.params.stepMs * 1_000;
  if (state.u !== null && segment.ptsStartUs - state.u > GAP_US) skip(rule, state, segment.ptsStartUs, findings);
  state.b ??= Math.floor(segment.ptsStartUs / stepUs);
  for (const { ptsUs, seen } of sightedFrames(rule, segment.sightings, before.p)) {
    state.p = ptsUs;
    // Time beyond the segment's end is not known to have been analysed.
    const step = Math.floor(Math.min(ptsUs, segment.ptsEndUs) / stepUs);
    advance(rule, state, step, findings);
    state.c = Math.max(state.c, seen.filter((one) => isCounted(rule, one)).length);
  }
  advance(rule, state, Math.floor(segment.ptsEndUs / stepUs), findings);
  state.u = segment.ptsEndUs;
  return state;
}

export function endCount(state: CountState, endUs: PtsUs, endedBy: EndedBy, findings: Findings): void {
  if (state.h !== null && state.r === 1)
    findings.end(SUBJECT, state.h, endUs, { durationMs: durationMs(state.h, endUs), extreme: state.m, endedBy });
}

/** Over media that was not analysed: nothing is known of it, and a long stretch of it ends what was going on. */
function skip(rule: CountRule, state: CountState, toUs: PtsUs, findings: Findings): void {
  const step = Math.floor(toUs / (rule.params.stepMs * 1_000));
  if (state.u !== null && toUs - state.u > rule.params.maxGapMs * 1_000) {
    endCount(state, state.u, 'not-analysed', findings);
    [state.h, state.r] = [null, 0];
  }
  if (state.b !== null && step > state.b) [state.b, state.c] = [step, 0];
}

/** Closes every step before `to`. A jump within a segment that no segment is long enough for is a gap, too. */
function advance(rule: CountRule, state: CountState, to: number, findings: Findings): void {
  if (state.b !== null && to - state.b > MAX_STEPS) {
    endCount(state, state.b * rule.params.stepMs * 1_000, 'not-analysed', findings);
    Object.assign(state, { b: to, c: 0, h: null, r: 0 });
  }
  for (; state.b !== null && state.b < to; state.b++) {
    close(rule, state, state.b, state.c, findings);
    state.c = 0;
  }
}

function close({ params }: CountRule, state: CountState, step: number, count: number, findings: Findings): void {
  const [fromUs, toUs] = [step * params.stepMs * 1_000, (step + 1) * params.stepMs * 1_000];
  findings.metric('count', fromUs, count, 'objects');
  const holds = params.comparison === 'at-least' ? count >= params.objects : count <= params.objects;
  if (!holds) {
    endCount(state, fromUs, 'left', findings);
    [state.h, state.r] = [null, 0];
    return;
  }
  state.m = state.h === null ? count : params.comparison === 'at-least' ? Math.max(state.m, count) : Math.min(state.m, count);
  state.h ??= fromUs;
  if (state.r === 0 && toUs - state.h >= params.forMs * 1_000) {
    if (findings.start(SUBJECT, state.h, { count, comparison: params.comparison, objects: params.objects })) state.r = 1;
  }
}

function isCounted({ params, points }: CountRule, { box }: Seen): boolean {
  return params.anchor === 'overlap' ? shareInside(box, points) >= params.minOverlap : isInside(anchorOf(box, params.anchor), points);
}
