import type { DetectionWire } from '../../wire/wire.js';

/** A label that was seen again and again. */
export interface LabelSpan {
  readonly epochId: string;
  readonly analyzerId: string;
  readonly label: string;
  readonly startPtsUs: number;
  readonly endPtsUs: number;
  /** The most of them in one picture. */
  readonly most: number;
}

interface OpenSpan {
  readonly first: DetectionWire;
  lastPtsUs: number;
  inPicture: number;
  most: number;
}

/** Seen again after no longer than this it was there all along. */
const APART_US = 2_000_000;
/** How long a picture stands for what comes after it. */
const HELD_US = 500_000;

/** Detections, in the order of their moments, as the stretches of time over which something was seen. */
export class LabelSpans {
  readonly ended: LabelSpan[] = [];
  private readonly open = new Map<string, OpenSpan>();

  add(detection: DetectionWire): void {
    const { epochId, analyzerId, label, ptsUs } = detection;
    const key = `${epochId}/${analyzerId}/${label}`;
    const span = this.open.get(key);
    if (span !== undefined && ptsUs - span.lastPtsUs <= APART_US) {
      span.inPicture = ptsUs === span.lastPtsUs ? span.inPicture + 1 : 1;
      span.most = Math.max(span.most, span.inPicture);
      span.lastPtsUs = Math.max(span.lastPtsUs, ptsUs);
      return;
    }
    if (span !== undefined) this.ended.push(spanOf(span));
    this.open.set(key, { first: detection, lastPtsUs: ptsUs, inPicture: 1, most: 1 });
  }

  /** Nothing more comes. */
  end(): readonly LabelSpan[] {
    for (const span of this.open.values()) this.ended.push(spanOf(span));
    this.open.clear();
    return this.ended;
  }
}

const spanOf = ({ first: { epochId, analyzerId, label, ptsUs }, lastPtsUs, most }: OpenSpan): LabelSpan => ({
  ...{ epochId, analyzerId, label, most },
  ...{ startPtsUs: ptsUs, endPtsUs: lastPtsUs + HELD_US },
});
