import { unwrapTicks } from './segment/index.js';
import { ptsUsToTicks, type SegmentInfo } from '../plugin-api/index.js';
import type { AdtsFrame, AdtsFrames } from './adts.js';

/** Sound further than this from its segment is of another time: results that spoke of it would be refused. */
const OUTSIDE_TICKS = 9 * 90_000;
/** A decoder's output depends on the frame before; two make the second one's own output right, which resampling needs. */
const PRIMING_FRAMES = 2;
/** Spectral band replication, used at low rates, has parameters that are sent anew about twice a second. */
const PRIMING_FRAMES_LOW_RATE = 24;
const LOW_RATE_HZ = 24_000;
const MAX_STRAYED_FRAMES = 2;

/** Frames that follow each other without a jump of the clock. */
export interface SoundRun {
  readonly frames: readonly AdtsFrame[];
  /** Where the first sample lies, unwrapped: the mean of what all stamps of the run say, since publishers round them. */
  readonly startTicks: number;
}

/** The last frames of a segment: a decoder that has had them goes on with the next as if it had decoded everything. */
export interface SoundTail {
  readonly frames: readonly AdtsFrame[];
  /** Where the sound after it begins. */
  readonly endTicks: number;
}

export interface SoundPlan {
  readonly runs: readonly SoundRun[];
  /** Frames whose stamp is of another time, or goes back: left out. */
  readonly misplaced: number;
}

const NO_TAIL: SoundTail = { frames: [], endTicks: 0 };

/**
 * Puts a segment's sound on the clock. Within a run samples are counted, so that blocks lie on the sample grid however the
 * stamps jitter; a jump of more than a frame begins another run. It depends on this segment alone, so that every host finds
 * the same times.
 */
export function planSound({ frames }: AdtsFrames, segment: Pick<SegmentInfo, 'ptsStartUs' | 'ptsEndUs'>): SoundPlan {
  const reference = ptsUsToTicks(segment.ptsStartUs);
  const [earliest, latest] = [reference - OUTSIDE_TICKS, ptsUsToTicks(segment.ptsEndUs) + OUTSIDE_TICKS];
  const runs: OpenRun[] = [];
  let misplaced = 0;
  let expected: number | undefined;
  for (const frame of frames) {
    const ticks = unwrapTicks(frame.ptsTicks, reference);
    if (ticks < earliest || ticks > latest || (expected !== undefined && ticks < expected - frame.durationTicks)) {
      misplaced++;
      continue;
    }
    let run = runs.at(-1);
    if (run === undefined || !goesOn(run, frame, ticks, expected)) runs.push((run = { frames: [], offsetTicks: 0, startSum: 0 }));
    run.frames.push(frame);
    run.startSum += ticks - run.offsetTicks;
    run.offsetTicks += frame.durationTicks;
    expected = ticks + frame.durationTicks;
  }
  return { misplaced, runs: runs.map((run) => ({ frames: run.frames, startTicks: run.startSum / run.frames.length })) };
}

interface OpenRun {
  readonly frames: AdtsFrame[];
  offsetTicks: number;
  startSum: number;
}

/** Stamps jitter; they neither jump from one frame to the next, nor stray from the count of samples bit by bit. */
function goesOn(run: OpenRun, frame: AdtsFrame, ticks: number, expected = ticks): boolean {
  const strayed = ticks - run.offsetTicks - run.startSum / run.frames.length;
  return (
    run.frames[0]?.sampleRateHz === frame.sampleRateHz &&
    Math.abs(ticks - expected) <= frame.durationTicks &&
    Math.abs(strayed) <= MAX_STRAYED_FRAMES * frame.durationTicks
  );
}

/** @param nearTicks unwrapped ticks of the same epoch close by */
export function soundTail({ frames, cut }: AdtsFrames, nearTicks: number): SoundTail {
  const last = frames.at(-1);
  if (last === undefined || cut > 0) return NO_TAIL;
  const count = last.sampleRateHz <= LOW_RATE_HZ ? PRIMING_FRAMES_LOW_RATE : PRIMING_FRAMES;
  const tail = frames.slice(-count);
  const sound = tail.slice(tail.findLastIndex((frame) => !frame.intact) + 1);
  return { frames: sound, endTicks: unwrapTicks(last.ptsTicks, nearTicks) + last.durationTicks };
}

/** Whether the segment's sound goes on where the tail ends. */
export function followsTail(tail: SoundTail, run: SoundRun): boolean {
  const [last, first] = [tail.frames.at(-1), run.frames[0]];
  if (last === undefined || first === undefined || last.sampleRateHz !== first.sampleRateHz) return false;
  return Math.abs(run.startTicks - tail.endTicks) <= first.durationTicks;
}
