import { Box, type Emit, type Frame, type JsonObject, type JsonValue, type StreamCourse, type StreamInfo } from 'vedette/plugin';
import { Background } from './background.js';
import { CELL_PX, edgeOf, gridOf, type Grid } from './cell-grid.js';
import { CellMask } from './cell-mask.js';
import type { MotionConfig } from './config.js';
import { MotionEvent } from './motion-event.js';
import { regionsIn, type Region } from './regions.js';
import { floorFor, thresholdsFor } from './sensitivity.js';

const AVERAGE_S = 3;
const LEARN_S = 1;
/** A region that has stood still for this long is not moving, whatever it covers: what was left behind, or what a codec left. */
const STILL_S = 0.5;
/** The picture as a whole does not become this much brighter or darker, in levels, but by a lamp or another view. */
const SUDDEN_LIGHT = 20;

/** One stream's motion, picture by picture. */
export class StreamMotion implements StreamCourse {
  private readonly background: Background;
  private readonly event: MotionEvent;
  private mask: CellMask | undefined;
  private maskShape = '';

  constructor(
    private readonly config: MotionConfig,
    stream: StreamInfo,
    checkpoint?: JsonValue,
  ) {
    const saved = (checkpoint ?? {}) as JsonObject;
    const pictures = (seconds: number): number => Math.max(2, Math.round(seconds * config.fps));
    const pace = { average: pictures(AVERAGE_S), settle: pictures(config.settle / 1000), learn: pictures(LEARN_S) };
    this.background = new Background(pace, floorFor(config.sensitivity), saved['background']);
    const times = { minDurationUs: config.minDuration * 1000, quietUs: config.quiet * 1000 };
    this.event = new MotionEvent(stream.epochId, times, saved['event']);
  }

  frame(frame: Frame, emit: Emit): void {
    const grid = gridOf(frame);
    const mask = this.maskFor(grid);
    const { excess, still, lightLevels, isLearnt } = this.background.compare(grid, mask.cells);
    const changed = regionsIn(excess, grid.columns, thresholdsFor(this.config.sensitivity));
    const share = changed.reduce((sum, { size }) => sum + size, 0) / mask.watched;
    const isSudden = share > this.config.lightShare || lightLevels > SUDDEN_LIGHT;
    if (isLearnt && isSudden) this.background.relearn(grid);
    else this.background.learn(grid, cellsOf(changed, grid));
    const stillPictures = Math.max(2, STILL_S * this.config.fps);
    const moving = isLearnt && !isSudden ? changed.filter(({ cells }) => cells.some((cell) => still[cell]! < stillPictures)) : [];
    this.report(frame, grid, moving, mask, emit);
  }

  /** Media is missing: nobody knows whether it went on. The background is still what it was. */
  interrupt(emit: Emit): void {
    this.event.end(emit);
  }

  checkpoint(): JsonObject {
    return { background: this.background.checkpoint(), event: this.event.state() };
  }

  private report(frame: Frame, grid: Grid, moving: readonly Region[], mask: CellMask, emit: Emit): void {
    const { ptsUs } = frame;
    const share = moving.reduce((sum, { size }) => sum + size, 0) / mask.watched;
    emit({ type: 'metric', ptsUs, name: 'motion.share', value: Math.min(1, share), unit: '0..1' });
    const { strong } = thresholdsFor(this.config.sensitivity);
    for (const { left, top, right, bottom, peak } of moving.slice(0, this.config.maxRegions)) {
      const [x1, y1] = [edgeOf(right - 1, grid.columns, frame.widthPx), edgeOf(bottom - 1, grid.rows, frame.heightPx)];
      const box = Box.fromInputCornersPx(left * CELL_PX, top * CELL_PX, x1, y1, frame.fit);
      emit({ type: 'detection', ptsUs, label: 'motion', score: scoreOf(peak, strong), box });
    }
    this.event.frame(moving.length > 0, ptsUs, emit);
  }

  private maskFor({ columns, rows }: Grid): CellMask {
    const shape = `${columns}x${rows}`;
    if (this.mask === undefined || this.maskShape !== shape) {
      this.mask = CellMask.of(this.config.masks, this.config.areas, columns, rows);
      this.maskShape = shape;
    }
    return this.mask;
  }
}

/** A half where it just counts; nearer to 1 the more it stands out. */
const scoreOf = (peak: number, strong: number): number => 1 - (0.5 * strong) / Math.max(strong, peak);

function cellsOf(regions: readonly Region[], { means }: Grid): Uint8Array {
  const cells = new Uint8Array(means.length);
  for (const region of regions) for (const cell of region.cells) cells[cell] = 1;
  return cells;
}
