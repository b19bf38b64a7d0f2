import type { Emit, Frame, JsonObject, JsonValue, PtsUs } from 'vedette/plugin';
import type { VisualAnalysisConfig } from './config.js';
import { dominantColours } from './dominant-colours.js';
import { LastingEvent, type LastingEventState } from './lasting-event.js';
import { largestChange, meanChange, type PictureMeasures, type PictureMeter } from './picture-measures.js';

const BLACK_HYSTERESIS = 0.03;
const FROZEN_HYSTERESIS = 1.5;
/** Weight of the newest frame in the usual motion, and what little motion counts as at least: noise is no yardstick. */
const USUAL_MOTION_WEIGHT = 0.2;
const LEAST_USUAL_MOTION = 0.01;

/** Everything the next frame is judged against. Goes into the checkpoint whole, so that a move changes no result. */
interface LookState {
  lastPtsUs: PtsUs | null;
  tiles: Uint8Array | null;
  /** The picture a possible freeze began with: slow drift adds up against it. */
  frozenTiles: Uint8Array | null;
  usualMotion: number;
  lastCutUs: PtsUs | null;
  coloursUs: PtsUs | null;
}

/** One stream's course through the three events and the metrics. */
export class StreamLook {
  readonly #state: LookState;
  readonly #black: LastingEvent;
  readonly #frozen: LastingEvent;

  constructor(
    private readonly config: VisualAnalysisConfig,
    private readonly meter: PictureMeter,
    private readonly epochId: string,
    checkpoint?: JsonValue,
  ) {
    const saved = (checkpoint ?? {}) as JsonObject;
    this.#state = {
      lastPtsUs: numberOr(saved['lastPtsUs']),
      tiles: bytesOr(saved['tiles']),
      frozenTiles: bytesOr(saved['frozenTiles']),
      usualMotion: numberOr(saved['usualMotion']) ?? 0,
      lastCutUs: numberOr(saved['lastCutUs']),
      coloursUs: numberOr(saved['coloursUs']),
    };
    const lasting = (name: string, minDurationMs: number, state: unknown): LastingEvent =>
      new LastingEvent(name, minDurationMs * 1000, epochId, state as LastingEventState | undefined);
    this.#black = lasting('black', config.black.minDuration, saved['black']);
    this.#frozen = lasting('frozen', config.frozen.minDuration, saved['frozen']);
  }

  frame(frame: Frame, emit: Emit): void {
    const { ptsUs } = frame;
    const measures = this.meter.measure(frame, this.config.black.pixelLevel);
    const metric = (name: string, value: number): void => emit({ type: 'metric', ptsUs, name, value, unit: '0..1' });
    metric('brightness', measures.brightness);
    metric('contrast', measures.contrast);
    metric('sharpness', measures.sharpness);
    if (this.#state.tiles !== null) {
      const motion = meanChange(measures.tiles, this.#state.tiles);
      metric('motion', motion);
      this.#cut(motion, ptsUs, emit);
    }
    this.#blackness(measures, ptsUs, emit);
    this.#freeze(measures, ptsUs, emit);
    this.#colours(frame, emit);
    this.#state.tiles = measures.tiles;
    this.#state.lastPtsUs = ptsUs;
  }

  /** Media is missing from here on: what lasted ends, and the next picture has none to be compared with. */
  interrupt(emit: Emit): void {
    const { lastPtsUs } = this.#state;
    if (lastPtsUs !== null) {
      this.#black.end(lastPtsUs, emit);
      this.#frozen.end(lastPtsUs, emit);
    }
    this.#state.tiles = null;
    this.#state.frozenTiles = null;
  }

  checkpoint(): JsonValue {
    const { tiles, frozenTiles, ...rest } = this.#state;
    return {
      ...rest,
      tiles: base64Or(tiles),
      frozenTiles: base64Or(frozenTiles),
      black: { ...this.#black.state },
      frozen: { ...this.#frozen.state },
    };
  }

  #blackness({ blackShare }: PictureMeasures, ptsUs: PtsUs, emit: Emit): void {
    const { share } = this.config.black;
    this.#black.update(blackShare >= (this.#black.isHolding ? share - BLACK_HYSTERESIS : share), ptsUs, emit);
  }

  /** A black picture stands still too; it is reported as black only. */
  #freeze({ tiles }: PictureMeasures, ptsUs: PtsUs, emit: Emit): void {
    const { maxChange } = this.config.frozen;
    const limit = this.#frozen.state.open ? maxChange * FROZEN_HYSTERESIS : maxChange;
    const still = this.#state.frozenTiles !== null && largestChange(tiles, this.#state.frozenTiles) <= limit && !this.#black.isHolding;
    if (still) return this.#frozen.update(true, ptsUs, emit);
    this.#frozen.end(ptsUs, emit);
    this.#state.frozenTiles = tiles;
    if (!this.#black.isHolding) this.#frozen.update(true, ptsUs, emit);
  }

  #cut(motion: number, ptsUs: PtsUs, emit: Emit): void {
    const { minMotion, overUsualMotion, minDistance } = this.config.sceneChange;
    const usual = Math.max(LEAST_USUAL_MOTION, this.#state.usualMotion);
    this.#state.usualMotion += USUAL_MOTION_WEIGHT * (motion - this.#state.usualMotion);
    const recent = this.#state.lastCutUs !== null && ptsUs - this.#state.lastCutUs < minDistance * 1000;
    if (recent || motion < minMotion || motion < overUsualMotion * usual) return;
    this.#state.lastCutUs = ptsUs;
    const event = { type: 'event', name: 'scene-change', key: `scene-change:${this.epochId}:${ptsUs}`, ptsUs, data: { motion } } as const;
    emit({ ...event, phase: 'start' });
    emit({ ...event, phase: 'end' });
  }

  #colours(frame: Frame, emit: Emit): void {
    const { coloursUs } = this.#state;
    if (coloursUs !== null && frame.ptsUs - coloursUs < this.config.coloursEvery * 1000) return;
    this.#state.coloursUs = frame.ptsUs;
    emit({ type: 'classification', ptsUs: frame.ptsUs, data: { kind: 'dominant-colours', colours: dominantColours(frame) } });
  }
}

const numberOr = (value: JsonValue | undefined): number | null => (typeof value === 'number' ? value : null);
const bytesOr = (value: JsonValue | undefined): Uint8Array | null =>
  typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : null;
const base64Or = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString('base64'));
