import { FPS, moodOf, shownFrame, thingsIn } from '../clip/clip-scene.ts';
import type { DrawnBox, ReadFrame } from './frame-reader.ts';

export interface Counts {
  frames: number;
  agree: number;
  disagree: number;
  movedOn: number;
  exact: number;
  held: number;
  boxes: number;
  boxesOff: number;
}

/** How far a box may be from its thing, in widths of the picture: as samples are stored, and as a straight line follows a curve. */
const SAMPLE_TOLERANCE = 0.002;
const LINE_TOLERANCE = 0.01;

/** Holds what the player drew against what the clip is known to show. */
export class OverlayJudge {
  private readonly originUs: number;
  private readonly frameStep: number;

  /** @param frameStep every so many frames one is analysed */
  constructor(originUs: number, frameStep: number) {
    this.originUs = originUs;
    this.frameStep = frameStep;
  }

  count(frames: readonly ReadFrame[]): Counts {
    const counts: Counts = { frames: frames.length, agree: 0, disagree: 0, movedOn: 0, exact: 0, held: 0, boxes: 0, boxesOff: 0 };
    for (const frame of frames) {
      if (frame.movedOn) {
        counts.movedOn++;
        continue;
      }
      counts[this.agrees(frame) ? 'agree' : 'disagree']++;
      if (frame.mode === 'exact' || frame.mode === 'held') counts[frame.mode]++;
      const boxes = frame.boxes.filter((drawn) => !this.leadsNowhere(drawn));
      counts.boxes += boxes.length;
      counts.boxesOff += boxes.filter((drawn) => this.isOff(drawn, frame)).length;
    }
    return counts;
  }

  agrees(frame: ReadFrame): boolean {
    return this.frameAt(frame.framePtsUs) === frame.barcode;
  }

  frameAt(ptsUs: number): number {
    return Math.round(((ptsUs - this.originUs) * FPS) / 1e6);
  }

  /** Where the clip freezes or goes on, its things jump: no line between two samples follows them. */
  private leadsNowhere({ between, ptsUs }: DrawnBox): boolean {
    const sampled = this.frameAt(ptsUs);
    return between && moodOf(sampled).frozen !== moodOf(sampled + this.frameStep).frozen;
  }

  private isOff(drawn: DrawnBox, { barcode, mode }: ReadFrame): boolean {
    // A box between two samples belongs to the picture itself.
    const frame = drawn.between ? barcode : this.frameAt(drawn.ptsUs);
    const thing = thingsIn(shownFrame(frame)).find(({ label }) => label === drawn.label);
    if (thing === undefined || (mode === 'exact' && frame !== barcode)) return true;
    return Math.abs(thing.x - drawn.box.x) > (drawn.between ? LINE_TOLERANCE : SAMPLE_TOLERANCE);
  }
}
