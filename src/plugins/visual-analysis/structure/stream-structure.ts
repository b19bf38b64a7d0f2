import {
  type Emit,
  type Frame,
  type JsonObject,
  type JsonValue,
  type PtsUs,
  type SegmentInfo,
  type StreamCourse,
  type StreamInfo,
} from 'vedette/plugin';
import { LastingEvents } from '../lasting-events.js';
import { MetricSeconds, type MetricKind } from '../metric-seconds.js';
import { activeArea } from './active-area.js';
import { BarPair } from './bar-pair.js';
import { BlockGrid } from './blockiness.js';
import { captionCells } from './caption-cells.js';
import { combing } from './combing.js';
import type { StructureConfig } from './config.js';
import { EdgeWidths } from './edge-width.js';
import type { LumaPlane, PixelArea } from './luma-plane.js';
import { noiseLevel } from './noise-level.js';
import { coarseMeans, hasMoved } from './still-check.js';

/** A measure that began above its limit goes on down to this part of it. */
const STAY = 0.8;

const METRICS = {
  blur: { unit: 'px', of: 'mean' },
  blockiness: { unit: '0..1', of: 'mean' },
  interlacing: { unit: '0..1', of: 'mean' },
  noise: { unit: 'levels', of: 'mean' },
  'active-area': { unit: '0..1', of: 'mean' },
  'text-outside-safe': { unit: '0..1', of: 'mean' },
} as const satisfies Record<string, MetricKind>;

type EventName = 'letterbox' | 'pillarbox' | 'blurred' | 'blocky' | 'interlaced' | 'noisy' | 'caption-unsafe';

/** Tools that keep memory between pictures, whichever stream they are of. */
export interface StructureTools {
  readonly edges: EdgeWidths;
  readonly grid: BlockGrid;
}

/** One stream's course through what is judged on its own pixels. */
export class StreamStructure implements StreamCourse {
  private readonly metrics: MetricSeconds<keyof typeof METRICS>;
  private readonly events: LastingEvents<EventName>;
  private lastPtsUs: PtsUs | null;
  private readonly letterbox: BarPair;
  private readonly pillarbox: BarPair;
  private means: Uint8Array | null;

  constructor(
    private readonly config: StructureConfig,
    private readonly tools: StructureTools,
    private readonly stream: StreamInfo,
    checkpoint?: JsonValue,
  ) {
    const saved = (checkpoint ?? {}) as JsonObject;
    const { bars, blurred, blocky, interlaced, noisy, captionSafe } = config;
    const rules = { letterbox: bars, pillarbox: bars, blurred, blocky, interlaced, noisy, 'caption-unsafe': captionSafe };
    this.metrics = new MetricSeconds(config.metricsEvery * 1000, METRICS, saved['metrics']);
    this.events = new LastingEvents<EventName>(rules, stream.epochId, saved['events']);
    this.lastPtsUs = (saved['lastPtsUs'] as PtsUs | undefined) ?? null;
    this.letterbox = new BarPair(this.events.get('letterbox'), saved['letterbox']);
    this.pillarbox = new BarPair(this.events.get('pillarbox'), saved['pillarbox']);
    this.means = typeof saved['means'] === 'string' ? new Uint8Array(Buffer.from(saved['means'], 'base64')) : null;
  }

  frame({ ptsUs, data, widthPx, heightPx }: Frame, emit: Emit): void {
    this.metrics.begin(ptsUs, emit);
    this.lastPtsUs = ptsUs;
    const plane: LumaPlane = { luma: data, widthPx, heightPx };
    const area = activeArea(plane, this.config.bars.maxLevel * 255);
    // A black picture tells nothing of its structure: whatever lasts goes on.
    if (area === null) return;
    this.metrics.add('active-area', ((area.right - area.left) * (area.bottom - area.top)) / (widthPx * heightPx));
    this.barEvents(plane, area, ptsUs, emit);
    const noise = noiseLevel(plane, area);
    this.metrics.add('noise', noise);
    this.events.above('noisy', noise, this.config.noisy.minNoise, STAY, ptsUs, emit, { noise: rounded(noise) });
    this.blur(plane, area, noise, ptsUs, emit);
    this.ownPixels(plane, area, noise, ptsUs, emit);
    this.captions(plane, ptsUs, emit);
  }

  endSegment({ ptsEndUs }: SegmentInfo, emit: Emit): void {
    this.metrics.passed(ptsEndUs, emit);
  }

  interrupt(emit: Emit): void {
    this.metrics.flush(emit);
    if (this.lastPtsUs !== null) this.events.endAll(this.lastPtsUs, emit);
    this.letterbox.forget();
    this.pillarbox.forget();
    this.means = null;
  }

  checkpoint(): JsonValue {
    return {
      lastPtsUs: this.lastPtsUs,
      letterbox: this.letterbox.checkpoint(),
      pillarbox: this.pillarbox.checkpoint(),
      means: this.means === null ? null : Buffer.from(this.means).toString('base64'),
      metrics: this.metrics.checkpoint(),
      events: this.events.checkpoint(),
    };
  }

  private barEvents({ widthPx, heightPx }: LumaPlane, area: PixelArea, ptsUs: PtsUs, emit: Emit): void {
    const width = area.right - area.left;
    const height = area.bottom - area.top;
    const box = { x: area.left / widthPx, y: area.top / heightPx, width: width / widthPx, height: height / heightPx };
    const least = this.config.bars.minShare;
    this.letterbox.judge(area.top, heightPx - area.bottom, least * heightPx, ptsUs, emit, { box });
    this.pillarbox.judge(area.left, widthPx - area.right, least * widthPx, ptsUs, emit, { box });
  }

  private blur(plane: LumaPlane, area: PixelArea, noise: number, ptsUs: PtsUs, emit: Emit): void {
    const width = this.tools.edges.measure(plane, area, noise);
    if (width === null) return;
    this.metrics.add('blur', width);
    const limit = this.config.blurred.minEdgeWidth * plane.heightPx;
    this.events.above('blurred', width, limit, STAY, ptsUs, emit, { edgeWidthPx: rounded(width) });
  }

  /** Rows and blocks show only where the source's pixels came through as they are. */
  private ownPixels(plane: LumaPlane, area: PixelArea, noise: number, ptsUs: PtsUs, emit: Emit): void {
    const isOwnHeight = plane.heightPx === this.stream.heightPx;
    if (isOwnHeight && plane.widthPx === this.stream.widthPx) {
      const blockiness = this.tools.grid.measure(plane, area);
      this.metrics.add('blockiness', blockiness);
      this.events.above('blocky', blockiness, this.config.blocky.minBlockiness, STAY, ptsUs, emit, { blockiness: rounded(blockiness) });
    }
    if (!isOwnHeight) return;
    const combs = combing(plane, area, noise);
    this.metrics.add('interlacing', combs);
    const means = coarseMeans(plane);
    const moved = this.means === null || hasMoved(means, this.means);
    this.means = means;
    // Both fields of a still are alike: no combs then tells nothing.
    if (combs < this.config.interlaced.minCombing && !moved) return;
    this.events.above('interlaced', combs, this.config.interlaced.minCombing, STAY, ptsUs, emit, { combing: rounded(combs) });
  }

  private captions(plane: LumaPlane, ptsUs: PtsUs, emit: Emit): void {
    const { inLines, outside } = captionCells(plane, this.config.captionSafe.safeShare);
    const share = inLines === 0 ? 0 : outside / inLines;
    this.metrics.add('text-outside-safe', share);
    this.events.get('caption-unsafe').update(outside > 0, ptsUs, emit, { share: rounded(share) });
  }
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
