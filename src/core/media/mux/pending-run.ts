import { mediaError } from '../../errors/media.errors.js';
import { ptsUsToTicks, type EncodedFrame } from '../../plugin-api/index.js';
import type { Sample, TrackRun } from './fragment-writer.js';
import { DEPENDENT_SAMPLE, SYNC_SAMPLE } from './initialization-segment.js';
import { ROUNDING_TICKS } from './sound-clock.js';

/** A picture of which nothing else is known: 30 a second. */
const LONE_TICKS = 3000;
const MAX_COMPOSITION_TICKS = 2 ** 31 - 1;

/** Frames of one track that are in no fragment yet. */
export class PendingRun {
  private samples: Sample[] = [];
  private lastTicks = 0;
  /** How long the last sample lasts, as far as is known. */
  private stepTicks = LONE_TICKS;
  /** Where the next frame of sound is expected. */
  private expectedTicks = Number.NEGATIVE_INFINITY;

  constructor(private readonly id: number) {}

  get isEmpty(): boolean {
    return this.samples.length === 0;
  }

  /** @throws VD_MEDIA_FRAME_DAMAGED for a time that no fragment can say */
  addPicture({ dtsUs, ptsUs }: EncodedFrame, data: Buffer, isEntry: boolean): void {
    const dtsTicks = ptsUsToTicks(dtsUs);
    const compositionTicks = ptsUsToTicks(ptsUs) - dtsTicks;
    if (!Number.isSafeInteger(dtsTicks) || dtsTicks < this.lastTicks || !(Math.abs(compositionTicks) <= MAX_COMPOSITION_TICKS))
      throw mediaError('VD_MEDIA_FRAME_DAMAGED', `decoded at ${dtsUs} µs, shown at ${ptsUs} µs, behind ${this.lastTicks} ticks`);
    if (dtsTicks > this.lastTicks && !this.isEmpty) this.stepTicks = dtsTicks - this.lastTicks;
    this.put({ dtsTicks, compositionTicks, flags: isEntry ? SYNC_SAMPLE : DEPENDENT_SAMPLE, data });
  }

  /**
   * Sound is counted on from frame to frame as long as its stamps say the same but for rounding: players need it without seams.
   * @throws VD_MEDIA_FRAME_DAMAGED for a time that no fragment can say
   */
  addSound({ ptsUs }: EncodedFrame, data: Buffer, durationTicks: number): void {
    const stampTicks = ptsUsToTicks(ptsUs);
    if (!Number.isSafeInteger(stampTicks) || stampTicks < this.lastTicks - ROUNDING_TICKS)
      throw mediaError('VD_MEDIA_FRAME_DAMAGED', `heard at ${ptsUs} µs, behind ${this.lastTicks} ticks`);
    if (Math.abs(stampTicks - this.expectedTicks) > ROUNDING_TICKS) this.expectedTicks = Math.max(stampTicks, this.lastTicks);
    const dtsTicks = Math.round(this.expectedTicks);
    this.expectedTicks += durationTicks;
    this.stepTicks = Math.round(this.expectedTicks) - dtsTicks;
    this.put({ dtsTicks, compositionTicks: 0, flags: SYNC_SAMPLE, data });
  }

  /** @param nextTicks where the frame after the last begins, if known */
  take(nextTicks: number | undefined): TrackRun {
    const { id, samples, lastTicks, stepTicks } = this;
    this.samples = [];
    return { id, samples, endTicks: nextTicks ?? lastTicks + stepTicks };
  }

  private put(sample: Sample): void {
    this.samples.push(sample);
    this.lastTicks = sample.dtsTicks;
  }
}
