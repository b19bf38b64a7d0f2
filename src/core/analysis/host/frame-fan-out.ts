import { LRUCache } from 'lru-cache';
import type { Frame, FrameSpec, PictureInput } from '../../plugin-api/index.js';
import type { PlannedPicture } from '../../decode/decode-plan.js';
import { FrameScaler } from '../../decode/frame-scaler.js';
import type { DecodedPicture } from '../../decode/video-decoder.js';
import type { TaskRun } from './task-run.js';

/** Frames an analyzer gets at once at most, and the memory one size of them may take. */
const MAX_BATCH_FRAMES = 16;
const MAX_BATCH_BYTES = 16 * 1024 * 1024;
/** Scalers kept between segments; sizes beyond it are rare. */
const KEPT_SCALERS = 16;

/** Scalers of this host by frame spec, shared by all streams and analyzers. */
export class ScalerCache {
  private readonly scalers = new LRUCache<string, FrameScaler>({ max: KEPT_SCALERS, dispose: (scaler) => scaler.close() });

  get(spec: FrameSpec): FrameScaler {
    const key = `${spec.widthPx}x${spec.heightPx} ${spec.fit} ${spec.format}`;
    const scaler = this.scalers.get(key) ?? new FrameScaler(spec);
    this.scalers.set(key, scaler);
    return scaler;
  }

  close(): void {
    this.scalers.clear();
  }
}

interface Lane {
  readonly scaler: FrameScaler;
  readonly slots: number;
  readonly takers: readonly { readonly input: number; readonly run: TaskRun }[];
  used: number;
}

/** Gives each analyzer its share of one decode: every size is scaled once per picture, whoever wants it. */
export class FrameFanOut {
  private readonly lanes: readonly Lane[];

  /** @param inputs one per run, the order the decode plan was made in */
  constructor(runs: readonly TaskRun[], inputs: readonly PictureInput[], scalers: ScalerCache) {
    const byScaler = new Map<FrameScaler, { input: number; run: TaskRun }[]>();
    runs.forEach((run, input) => {
      const scaler = scalers.get(inputs[input]!.frame);
      byScaler.set(scaler, [...(byScaler.get(scaler) ?? []), { input, run }]);
    });
    this.lanes = [...byScaler].map(([scaler, takers]) => ({ scaler, takers, slots: batchFrames(scaler.spec), used: 0 }));
  }

  async picture(decoded: DecodedPicture, planned: PlannedPicture): Promise<void> {
    for (const lane of this.lanes) {
      const takers = lane.takers.filter(({ input }) => planned.takers.includes(input));
      if (takers.length === 0) continue;
      const { data, fit } = lane.scaler.scale(decoded.av, lane.used++);
      const frame: Frame = {
        ptsUs: planned.ptsUs,
        index: planned.index,
        keyframe: planned.keyframe,
        widthPx: fit.frameWidthPx,
        heightPx: fit.frameHeightPx,
        format: lane.scaler.spec.format,
        data,
        fit,
      };
      for (const { run } of takers) run.take(frame, decoded.position);
      if (lane.used === lane.slots) await flush(lane);
    }
  }

  /** Takes back frames that turned out not to be what they seemed, as far as no analyzer has seen them. */
  retract(isUnsound: (position: number) => boolean): void {
    for (const { takers } of this.lanes) for (const { run } of takers) run.retract(isUnsound);
  }

  async finish(): Promise<void> {
    for (const lane of this.lanes) await flush(lane);
  }
}

async function flush(lane: Lane): Promise<void> {
  for (const { run } of lane.takers) await run.flush();
  lane.used = 0;
}

function batchFrames(spec: FrameSpec): number {
  const frameBytes = spec.widthPx * spec.heightPx * (spec.format === 'rgb24' ? 3 : 1);
  return Math.max(1, Math.min(MAX_BATCH_FRAMES, Math.floor(MAX_BATCH_BYTES / frameBytes)));
}
