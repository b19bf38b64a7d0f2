import { Injectable } from '@nestjs/common';
import type { ClipEpoch } from '../../persistence/clips/clip-media.js';
import { pagesOf } from '../../persistence/read/page-of-rows.js';
import { TimelineReads } from '../../persistence/read/timeline-reads.js';
import { ticksToPtsUs } from '../../plugin-api/index.js';
import type { DetectionWire } from '../../wire/wire.js';
import { clipError } from '../../errors/clip.errors.js';
import type { EpochSource } from '../cut/epoch-source.js';
import type { FrameRange } from '../cut/frames-on-show.js';
import { assScript, type ShownBox } from './ass-script.js';

const PAGE = 5_000;
/** More are not looked at by anybody. */
const MOST_BOXES = 200_000;
/** A box stays until the analyzer's next frame, and no longer than this: what is between is not known. */
const HELD_US = 500_000;
/** Far less than between two frames. */
const SAME_FRAME_US = 1_000;
/** As clocks are kept, and as pts are rounded. */
const SLACK_US = 2_000;

type EpochClock = Pick<ClipEpoch, 'epochId' | 'startedAtMs' | 'ptsOriginUs'>;

export interface BoxRange {
  readonly streamId: string;
  readonly epoch: ClipEpoch;
  readonly range: FrameRange;
}

/** Boxes of detections in a range, to be drawn into it. */
@Injectable()
export class BoxScript {
  constructor(private readonly timeline: TimelineReads) {}

  /** As a script for libass, in the clip's time. @throws VD_CLIP_TOO_MANY_BOXES */
  async of({ streamId, epoch, range }: BoxRange, source: EpochSource): Promise<string> {
    const { widthPx = 0, heightPx = 0 } = epoch.video ?? {};
    const [fromPtsUs, toPtsUs] = [ticksToPtsUs(range.firstTicks), ticksToPtsUs(range.lastTicks)];
    const found = await this.detections(streamId, epoch, fromPtsUs - HELD_US, toPtsUs);
    const frames: number[] = [];
    for await (const { video } of source.units()) for (const { ptsTicks } of video.units) frames.push(ticksToPtsUs(ptsTicks));
    return assScript(
      shownBoxes(
        found,
        frames.sort((a, b) => a - b),
        { fromPtsUs, toPtsUs },
      ),
      { widthPx, heightPx },
    );
  }

  /** Those shown with the frame that is on show at a time: each analyzer's latest by then. */
  async at(streamId: string, epoch: EpochClock, ptsUs: number): Promise<DetectionWire[]> {
    const found = await this.detections(streamId, epoch, ptsUs - HELD_US + 1, ptsUs + SAME_FRAME_US);
    const latest = new Map<string, number>();
    for (const { analyzerId, ptsUs: seenUs } of found) latest.set(analyzerId, Math.max(seenUs, latest.get(analyzerId) ?? seenUs));
    return found.filter(({ analyzerId, ptsUs: seenUs }) => seenUs === latest.get(analyzerId));
  }

  private async detections(streamId: string, epoch: EpochClock, fromPtsUs: number, toPtsUs: number): Promise<DetectionWire[]> {
    const { epochId, startedAtMs, ptsOriginUs } = epoch;
    const clockUs = (ptsUs: number, slackUs: number): number => startedAtMs * 1_000 + (ptsUs - ptsOriginUs) + slackUs;
    const range = { fromPtsUs, toPtsUs: toPtsUs + 1, fromUs: clockUs(fromPtsUs, -SLACK_US), toUs: clockUs(toPtsUs, SLACK_US) };
    const found: DetectionWire[] = [];
    const pages = pagesOf((after) => this.timeline.detections({ streamId, epochId, ...range, limit: PAGE, after, descending: false }));
    for await (const items of pages) {
      if (found.length >= MOST_BOXES)
        throw clipError('VD_CLIP_TOO_MANY_BOXES', `There are more than ${MOST_BOXES} detections in the range.`);
      found.push(...items);
    }
    return found;
  }
}

/**
 * When each box is shown: with its own frame, and with those after it until the analyzer saw the next one.
 * @param frames times of all frames, ascending
 */
export function shownBoxes(
  detections: readonly DetectionWire[],
  frames: readonly number[],
  { fromPtsUs, toPtsUs }: { readonly fromPtsUs: number; readonly toPtsUs: number },
): ShownBox[] {
  const seenBy = new Map<string, number[]>();
  for (const { analyzerId, ptsUs } of detections) {
    const times = seenBy.get(analyzerId) ?? [];
    if (times.at(-1) !== ptsUs) times.push(ptsUs);
    seenBy.set(analyzerId, times);
  }
  for (const times of seenBy.values()) times.sort((a, b) => a - b);
  const colours = new Map<string, number>();
  return detections.flatMap(({ analyzerId, ptsUs, label, score, box, trackId }) => {
    const next = firstFrom(seenBy.get(analyzerId)!, ptsUs + 1) ?? Number.POSITIVE_INFINITY;
    const endUs = firstFrom(frames, Math.min(next, ptsUs + HELD_US)) ?? toPtsUs + HELD_US;
    if (endUs <= fromPtsUs || ptsUs > toPtsUs) return [];
    if (!colours.has(label)) colours.set(label, colours.size);
    const shown = { fromUs: Math.max(0, ptsUs - fromPtsUs), untilUs: endUs - fromPtsUs };
    return [
      {
        ...shown,
        x: box.x,
        y: box.y,
        width: box.width,
        height: box.height,
        label: boxLabel({ label, score, trackId }),
        colour: colours.get(label)!,
      },
    ];
  });
}

/** @example boxLabel({ label: 'person', score: 0.87, trackId: 't4' }) === 'person #t4 87%' */
export const boxLabel = ({ label, score, trackId }: Pick<DetectionWire, 'label' | 'score' | 'trackId'>): string =>
  `${label}${trackId === null ? '' : ` #${trackId.slice(0, 8)}`} ${Math.round(score * 100)}%`;

/** The first of the ascending times that is not before `fromUs`. */
function firstFrom(times: readonly number[], fromUs: number): number | undefined {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < fromUs) low = middle + 1;
    else high = middle;
  }
  return times[low];
}
