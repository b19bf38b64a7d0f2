import { type Emit, type Frame, type JsonObject, type JsonValue, type PtsUs, type SegmentInfo, type StreamCourse } from 'vedette/plugin';
import { numberOr } from '../checkpoint-fields.js';
import { LastingEvent, type LastingEventState } from '../lasting-event.js';
import { MetricSeconds, type MetricKind } from '../metric-seconds.js';
import type { FlashesConfig } from './config.js';
import { FLASH_COLUMNS, FLASH_ROWS, FlashAreas } from './flash-areas.js';
import { Swings } from './swings.js';

const SECOND_US = 1_000_000;
/** Light that swings no more for this long has stopped flickering. */
const FLICKER_PAUSE_US = 500_000;

const METRICS = {
  flashes: { unit: '1/s', of: 'max' },
  flicker: { unit: '1/s', of: 'max' },
} as const satisfies Record<string, MetricKind>;

/** One stream's course through what only every frame shows: flashes of the screen, and light that goes up and down. */
export class StreamFlashes implements StreamCourse {
  private readonly metrics: MetricSeconds<keyof typeof METRICS>;
  private readonly areas: FlashAreas;
  private readonly swings: Swings;
  private readonly flashing: LastingEvent;
  private readonly flicker: LastingEvent;
  /** Changes and turns of the last second. */
  private changes: PtsUs[];
  private turns: PtsUs[];
  private lastPtsUs: PtsUs | null;

  constructor(
    private readonly config: FlashesConfig,
    epochId: string,
    checkpoint?: JsonValue,
  ) {
    const saved = (checkpoint ?? {}) as JsonObject;
    const state = (name: string): LastingEventState | undefined => saved[name] as LastingEventState | undefined;
    this.metrics = new MetricSeconds(config.metricsEvery * 1000, METRICS, saved['metrics']);
    this.areas = new FlashAreas(config.flashing, saved['areas']);
    this.swings = new Swings(config.flicker.minSwing, saved['swings']);
    this.flashing = new LastingEvent('flashing', 0, epochId, state('flashing'));
    this.flicker = new LastingEvent('flicker', config.flicker.minDuration * 1000, epochId, state('flicker'));
    this.changes = [...((saved['changes'] as PtsUs[] | undefined) ?? [])];
    this.turns = [...((saved['turns'] as PtsUs[] | undefined) ?? [])];
    this.lastPtsUs = numberOr(saved['lastPtsUs']);
  }

  frame({ ptsUs, data, widthPx, heightPx }: Frame, emit: Emit): void {
    this.metrics.begin(ptsUs, emit);
    const { tiles, mean } = tileMeans(data, widthPx, heightPx);
    this.flashes(tiles, ptsUs, emit);
    this.flickering(mean / 255, ptsUs, emit);
    this.lastPtsUs = ptsUs;
  }

  endSegment({ ptsEndUs }: SegmentInfo, emit: Emit): void {
    this.metrics.passed(ptsEndUs, emit);
  }

  interrupt(emit: Emit): void {
    this.metrics.flush(emit);
    if (this.lastPtsUs !== null) {
      this.flashing.end(this.lastPtsUs, emit);
      this.flicker.end(this.lastPtsUs, emit);
    }
    this.areas.forget();
    this.swings.forget();
    this.changes = [];
    this.turns = [];
  }

  checkpoint(): JsonValue {
    return {
      metrics: this.metrics.checkpoint(),
      areas: this.areas.checkpoint(),
      swings: this.swings.checkpoint(),
      flashing: { ...this.flashing.state },
      flicker: { ...this.flicker.state },
      changes: [...this.changes],
      turns: [...this.turns],
      lastPtsUs: this.lastPtsUs,
    };
  }

  private flashes(tiles: Uint8Array, ptsUs: PtsUs, emit: Emit): void {
    if (this.areas.next(tiles, ptsUs)) this.changes.push(ptsUs);
    const last = this.changes.at(-1);
    const recent = this.changes.filter((at) => ptsUs - at < SECOND_US);
    const flashes = recent.length / 2;
    this.metrics.add('flashes', flashes);
    if (flashes > this.config.flashing.maxPerSecond) {
      this.flashing.update(true, recent[0]!, emit, { flashesPerSecond: flashes });
    } else if (last !== undefined && this.flashing.isHolding) {
      // It ended with its last change, though only the second after it shows that.
      this.flashing.end(last, emit);
    }
    this.changes = recent;
  }

  private flickering(mean: number, ptsUs: PtsUs, emit: Emit): void {
    const turn = this.swings.next(mean, ptsUs);
    if (turn !== null) this.turns.push(turn.ptsUs);
    const last = this.turns.at(-1);
    this.turns = this.turns.filter((at) => ptsUs - at < SECOND_US);
    this.metrics.add('flicker', this.turns.length / 2);
    const { minSwings } = this.config.flicker;
    const stopped = last !== undefined && ptsUs - last > FLICKER_PAUSE_US;
    if (this.flicker.isHolding ? stopped || this.turns.length === 0 : this.turns.length < minSwings) {
      if (this.flicker.isHolding) this.flicker.end(Math.max(last ?? ptsUs, this.flicker.state.sinceUs ?? 0), emit);
      if (stopped) this.turns = [];
      return;
    }
    if (!this.flicker.isHolding) this.flicker.update(true, beginningOf(this.turns), emit);
    this.flicker.update(true, ptsUs, emit, { swingsPerSecond: this.turns.length });
  }
}

/** The first turn of those that come at an even pace: one long before them has nothing to do with them. */
function beginningOf(turns: readonly PtsUs[]): PtsUs {
  const gaps = turns.slice(1).map((at, i) => at - turns[i]!);
  const usual = [...gaps].sort((a, b) => a - b)[gaps.length >> 1] ?? 0;
  const first = gaps.findIndex((gap) => gap <= 2 * usual);
  return turns[Math.max(0, first)]!;
}

/** Mean luma of 32x18 tiles and of the whole. */
function tileMeans(luma: Uint8Array, widthPx: number, heightPx: number): { tiles: Uint8Array; mean: number } {
  const tiles = new Uint8Array(FLASH_COLUMNS * FLASH_ROWS);
  let total = 0;
  for (let row = 0; row < FLASH_ROWS; row++) {
    const top = Math.floor((row * heightPx) / FLASH_ROWS);
    const bottom = Math.max(top + 1, Math.floor(((row + 1) * heightPx) / FLASH_ROWS));
    for (let column = 0; column < FLASH_COLUMNS; column++) {
      const left = Math.floor((column * widthPx) / FLASH_COLUMNS);
      const right = Math.max(left + 1, Math.floor(((column + 1) * widthPx) / FLASH_COLUMNS));
      let sum = 0;
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += luma[y * widthPx + x]!;
      const mean = sum / ((bottom - top) * (right - left));
      total += mean;
      tiles[row * FLASH_COLUMNS + column] = Math.round(mean);
    }
  }
  return { tiles, mean: total / tiles.length };
}
