import { MPEG_TICK_US, ptsUsToTicks, type AnalysisJob } from '../../plugin-api/index.js';
import { unwrapTicks, type AccessUnit, type DemuxedSegment } from '../../decode/segment/index.js';
import { parseAdts, type AdtsFrames } from '../../decode/adts.js';
import { AudioDecoder, type DecodedSound } from '../../decode/audio-decoder.js';
import { followsTail, planSound, soundTail, type SoundRun, type SoundTail } from '../../decode/sound-plan.js';
import { SoundFanOut, type Listener } from './sound-fan-out.js';
import { SoundTails } from './sound-tails.js';
import type { SegmentBefore } from './segment-before.js';

/** How the segment's sound came out, in coded frames of (mostly) 1024 samples. */
export interface SoundTally {
  readonly framesSeen: number;
  readonly framesExpected: number;
  /** What is wrong with the sound, for a person; empty when all of it was heard. */
  readonly flaws: readonly string[];
}

type Audio = NonNullable<DemuxedSegment['audio']>;

/** Decodes a segment's sound once, for all who listen. */
export class SegmentSound {
  private readonly tails = new SoundTails();

  async play(job: AnalysisJob, before: SegmentBefore, audio: Audio, listeners: readonly Listener[]): Promise<SoundTally> {
    const parsed = parseAdts(audio.units);
    const plan = planSound(parsed, job.segment);
    const tail = await this.tails.before(job, before);
    this.tails.keep(job, soundTail(parsed, ptsUsToTicks(job.segment.ptsStartUs)));
    const decode = new SoundDecode(listeners);
    try {
      for (const [i, run] of plan.runs.entries())
        await decode.run(run, i === 0 && tail !== undefined && followsTail(tail, run) ? tail : undefined);
    } finally {
      decode.close();
    }
    const lost = job.segment.frameCount === 0 ? framesLostAtEnd(job, audio.units, parsed) : 0;
    return tallied(parsed, plan.misplaced, decode.heard, lost);
  }
}

/** One segment's way through a decoder of its own. */
class SoundDecode {
  heard = 0;
  private readonly decoder = new AudioDecoder();
  private readonly fanOut: SoundFanOut;
  /** Whether the decoder had the frame right before the next one, so that what it gives is what was recorded. */
  private isPrimed = false;
  private isFirst = true;

  constructor(listeners: readonly Listener[]) {
    this.fanOut = new SoundFanOut(listeners);
  }

  /** @param tail the sound right before the run, for the first run of a segment */
  async run(run: SoundRun, tail?: SoundTail): Promise<void> {
    let lead = tail === undefined ? undefined : this.prime(tail);
    let offsetTicks = 0;
    for (const frame of run.frames) {
      const sound = frame.intact ? this.decoder.decode(frame.data) : undefined;
      if (sound === undefined) {
        this.isPrimed = false;
        await this.fanOut.break();
      } else {
        const isWhole = this.isPrimed;
        this.isPrimed = true;
        // Where nothing came before, nothing is lost: an encoder begins with a frame of its own making.
        if (isWhole || this.isFirst) this.heard++;
        if (isWhole) await this.fanOut.take(sound, (run.startTicks + offsetTicks) * MPEG_TICK_US, lead);
        lead = undefined;
      }
      this.isFirst = false;
      offsetTicks += frame.durationTicks;
    }
    await this.fanOut.break();
  }

  close(): void {
    this.fanOut.close();
    this.decoder.close();
  }

  /** @returns the last of the sound before, as it was */
  private prime({ frames }: SoundTail): DecodedSound | undefined {
    const decoded = frames.map(({ data }) => this.decoder.decode(data));
    this.isPrimed = decoded.at(-1) !== undefined;
    return decoded.at(-2) === undefined ? undefined : decoded.at(-1);
  }
}

function tallied(parsed: AdtsFrames, misplaced: number, framesSeen: number, lostAtEnd: number): SoundTally {
  const framesExpected = parsed.frames.length + parsed.cut + lostAtEnd;
  const flaws = [
    framesSeen < framesExpected && `${framesExpected - framesSeen} of ${framesExpected} frames of sound missing or damaged`,
    misplaced > 0 && `${misplaced} frames of sound with times that cannot be`,
    parsed.strayBytes > 0 && `${parsed.strayBytes} bytes between frames of sound`,
    parsed.tooMany && `more than ${parsed.frames.length} frames of sound`,
  ].filter((flaw) => flaw !== false);
  return { framesSeen, framesExpected, flaws };
}

/**
 * Where there is sound alone, the segment was registered with the end of its sound: the last packet's time and a packet's
 * length, which is reckoned here the same way.
 */
function framesLostAtEnd({ segment }: AnalysisJob, units: readonly AccessUnit[], { frames }: AdtsFrames): number {
  const [first, last, frame] = [units[0], units.at(-1), frames[0]];
  if (first === undefined || last === undefined || frame === undefined) return 0;
  const reference = ptsUsToTicks(segment.ptsStartUs);
  const lastTicks = unwrapTicks(last.ptsTicks, reference);
  const step = units.length > 1 ? (lastTicks - unwrapTicks(first.ptsTicks, reference)) / (units.length - 1) : 0;
  const missingTicks = ptsUsToTicks(segment.ptsEndUs) - lastTicks - step;
  return missingTicks > Math.max(step, frame.durationTicks) ? Math.round(missingTicks / frame.durationTicks) : 0;
}
