import { LRUCache } from 'lru-cache';
import type { FrameSpec, GateVerdict, PtsUs, SegmentGlance, StreamInfo } from 'vedette/plugin';
import { Background } from '../background.js';
import { gridOf } from '../cell-grid.js';
import { CellMask } from '../cell-mask.js';
import type { MotionConfig } from '../config.js';
import { PICTURE } from '../picture.js';
import { regionsIn } from '../regions.js';
import { floorFor, thresholdsFor } from '../sensitivity.js';
import { QuietSizes, sizeFacts } from './packet-sizes.js';

const OPEN: GateVerdict = { gate: 'open' };
const NO_MOTION: GateVerdict = { gate: 'closed', reason: 'no-motion' };
/** Keyframes are few: they are averaged over as few, and trusted after as few. */
const PACE = { average: 3, settle: 4, learn: 3 };
/** The gate sees changes of this much less than what counts as motion. */
const KEENER = 0.7;
/** Streams remembered; the longest unseen one is forgotten, and learnt anew when it comes back. */
const MAX_STREAMS = 1024;
const BLOCK_PX = 16;
/** Media missing for this long: nothing is known of what happened in it. */
const GAP_US = 500_000;

interface Memory {
  readonly epochId: string;
  readonly keyframes: Background;
  readonly sizes: QuietSizes;
  ptsEndUs: PtsUs;
}

/**
 * Says of a segment, before it is decoded, that nothing moves in it: all its keyframes are like those before them, and the
 * pictures between them cost no more than they do while nothing moves. Either alone misses motion: keyframes what goes and
 * comes back between them, sizes what a constant bit rate or noise hides. In doubt it is open.
 */
export class MotionGate {
  private readonly memories = new LRUCache<string, Memory>({ max: MAX_STREAMS });
  private readonly spec: FrameSpec = PICTURE;

  constructor(private readonly config: MotionConfig) {}

  async judge(glance: SegmentGlance, stream: StreamInfo): Promise<GateVerdict> {
    const memory = this.memoryOf(glance, stream);
    const missed = Math.abs(glance.segment.ptsStartUs - memory.ptsEndUs) > GAP_US;
    memory.ptsEndUs = glance.segment.ptsEndUs;
    if (glance.pictures.length === 0) return OPEN;
    const isStill = await this.looksStill(glance, memory);
    const facts = sizeFacts(glance.pictures);
    const blocks = Math.ceil(stream.widthPx / BLOCK_PX) * Math.ceil(stream.heightPx / BLOCK_PX);
    const isQuiet = facts !== undefined && memory.sizes.isTelling(blocks) && memory.sizes.isQuiet(facts);
    if (isStill && facts !== undefined) memory.sizes.learn(facts);
    return isStill && !missed && (isQuiet || this.config.gate.keyframesSuffice) ? NO_MOTION : OPEN;
  }

  /** Every keyframe against what keyframes were before; none, or one that cannot be seen, is in doubt. */
  private async looksStill(glance: SegmentGlance, { keyframes }: Memory): Promise<boolean> {
    const expected = glance.pictures.filter(({ keyframe }) => keyframe).length;
    const frames = await glance.keyframes(this.spec);
    let isStill = frames.length > 0 && frames.length === expected;
    const { strong, weak } = thresholdsFor(this.config.sensitivity);
    for (const frame of frames) {
      const grid = gridOf(frame);
      const mask = CellMask.of(this.config.masks, this.config.areas, grid.columns, grid.rows);
      const { excess, isLearnt } = keyframes.compare(grid, mask.cells);
      const changed = regionsIn(excess, grid.columns, { strong: strong * KEENER, weak: weak * KEENER });
      if (!isLearnt || changed.length > 0) isStill = false;
      keyframes.learn(grid, new Uint8Array(grid.means.length));
    }
    return isStill;
  }

  private memoryOf({ segment }: SegmentGlance, stream: StreamInfo): Memory {
    const known = this.memories.get(stream.streamId);
    const memory =
      known?.epochId === stream.epochId
        ? known
        : {
            epochId: stream.epochId,
            keyframes: new Background(PACE, floorFor(this.config.sensitivity)),
            sizes: new QuietSizes(this.config.gate.learnSegments),
            ptsEndUs: segment.ptsStartUs,
          };
    this.memories.set(stream.streamId, memory);
    return memory;
  }
}
