import { type Emit, type Frame, type JsonObject, type JsonValue, type PtsUs, type SegmentInfo, type StreamCourse } from 'vedette/plugin';
import { CastWatch } from './cast-watch.js';
import { base64Or, bytesOr, numberOr } from './checkpoint-fields.js';
import { castOf } from './colour-cast.js';
import { colourTiles, spread } from './colour-tiles.js';
import type { VisualAnalysisConfig } from './config.js';
import { CutDetector } from './cut-detector.js';
import { dominantColours } from './dominant-colours.js';
import { LastingEvents } from './lasting-events.js';
import { MetricSeconds, type MetricKind } from './metric-seconds.js';
import { largestChange, meanChange, type PictureMeasures, type PictureMeter } from './picture-measures.js';
import { showsColourBars } from './test-bars.js';

const BLACK_HYSTERESIS = 0.03;
const MAX_BLACK_SATURATION = 0.25;
const FROZEN_HYSTERESIS = 1.5;
/** Exposure that went wrong goes on being wrong down to this part of the limit, or up to its inverse. */
const STAY = 0.8;

const METRICS = {
  brightness: { unit: '0..1', of: 'mean' },
  contrast: { unit: '0..1', of: 'mean' },
  sharpness: { unit: '0..1', of: 'mean' },
  motion: { unit: '0..1', of: 'mean' },
  saturation: { unit: '0..1', of: 'mean' },
  shadows: { unit: '0..1', of: 'mean' },
  highlights: { unit: '0..1', of: 'mean' },
  'clipped-dark': { unit: '0..1', of: 'mean' },
  'clipped-bright': { unit: '0..1', of: 'mean' },
  'colour-cast': { unit: 'dE', of: 'mean' },
} as const satisfies Record<string, MetricKind>;

type EventName = 'black' | 'frozen' | 'overexposed' | 'underexposed' | 'colour-cast' | 'test-bars' | 'plain-field';

/** One stream's course through what a small picture shows. */
export class StreamLook implements StreamCourse {
  private readonly metrics: MetricSeconds<keyof typeof METRICS>;
  private readonly events: LastingEvents<EventName>;
  private readonly cuts: CutDetector;
  private readonly cast: CastWatch;
  private lastPtsUs: PtsUs | null;
  private tiles: Uint8Array | null;
  /** The picture a possible freeze began with: slow drift adds up against it. */
  private frozenTiles: Uint8Array | null;
  private coloursUs: PtsUs | null;

  constructor(
    private readonly config: VisualAnalysisConfig,
    private readonly meter: PictureMeter,
    epochId: string,
    checkpoint?: JsonValue,
  ) {
    const saved = (checkpoint ?? {}) as JsonObject;
    const { black, frozen, overexposed, underexposed, colourCast, testBars, plainField } = config;
    const rules = { black, frozen, overexposed, underexposed, 'colour-cast': colourCast, 'test-bars': testBars, 'plain-field': plainField };
    this.metrics = new MetricSeconds(config.metricsEvery * 1000, METRICS, saved['metrics']);
    this.events = new LastingEvents<EventName>(rules, epochId, saved['events']);
    this.cuts = new CutDetector(config.sceneChange, epochId, saved['cuts']);
    this.cast = new CastWatch(colourCast, this.events.get('colour-cast'), saved['cast']);
    this.lastPtsUs = numberOr(saved['lastPtsUs']);
    this.tiles = bytesOr(saved['tiles']);
    this.frozenTiles = bytesOr(saved['frozenTiles']);
    this.coloursUs = numberOr(saved['coloursUs']);
  }

  frame(frame: Frame, emit: Emit): void {
    const { ptsUs } = frame;
    this.metrics.begin(ptsUs, emit);
    const measures = this.meter.measure(frame, this.config.black.pixelLevel);
    const colours = colourTiles(frame);
    this.measure(measures);
    const isNewShot = this.cuts.judge(colours, measures.lumaShares, ptsUs, emit);
    this.blackness(measures, ptsUs, emit);
    this.freeze(measures, ptsUs, emit);
    this.fields(frame, colours, ptsUs, emit);
    this.tint(colours, isNewShot, ptsUs, emit);
    this.exposure(measures, ptsUs, emit);
    this.dominant(frame, emit);
    this.tiles = measures.tiles;
    this.lastPtsUs = ptsUs;
  }

  endSegment({ ptsEndUs }: SegmentInfo, emit: Emit): void {
    this.metrics.passed(ptsEndUs, emit);
  }

  interrupt(emit: Emit): void {
    this.metrics.flush(emit);
    this.cuts.finish(emit);
    this.cast.forget();
    if (this.lastPtsUs !== null) this.events.endAll(this.lastPtsUs, emit);
    this.tiles = null;
    this.frozenTiles = null;
  }

  checkpoint(): JsonValue {
    return {
      lastPtsUs: this.lastPtsUs,
      tiles: base64Or(this.tiles),
      frozenTiles: base64Or(this.frozenTiles),
      coloursUs: this.coloursUs,
      metrics: this.metrics.checkpoint(),
      events: this.events.checkpoint(),
      cuts: this.cuts.checkpoint(),
      cast: this.cast.checkpoint(),
    };
  }

  private measure(measures: PictureMeasures): void {
    for (const name of ['brightness', 'contrast', 'sharpness', 'saturation', 'shadows', 'highlights'] as const) {
      this.metrics.add(name, measures[name]);
    }
    this.metrics.add('clipped-dark', measures.clippedDark);
    this.metrics.add('clipped-bright', measures.clippedBright);
    if (this.tiles !== null) this.metrics.add('motion', meanChange(measures.tiles, this.tiles));
  }

  /** A field of pure blue is as dark as black, but it is not black. */
  private blackness({ blackShare, saturation }: PictureMeasures, ptsUs: PtsUs, emit: Emit): void {
    const { share } = this.config.black;
    const black = this.events.get('black');
    const isDark = blackShare >= (black.isHolding ? share - BLACK_HYSTERESIS : share);
    black.update(isDark && saturation <= MAX_BLACK_SATURATION, ptsUs, emit);
  }

  /** A black picture stands still too; it is reported as black only. */
  private freeze({ tiles }: PictureMeasures, ptsUs: PtsUs, emit: Emit): void {
    const { maxChange } = this.config.frozen;
    const [frozen, isBlack] = [this.events.get('frozen'), this.events.get('black').isHolding];
    const limit = frozen.state.open ? maxChange * FROZEN_HYSTERESIS : maxChange;
    const still = this.frozenTiles !== null && largestChange(tiles, this.frozenTiles) <= limit && !isBlack;
    if (still) return frozen.update(true, ptsUs, emit);
    frozen.end(ptsUs, emit);
    this.frozenTiles = tiles;
    if (!isBlack) frozen.update(true, ptsUs, emit);
  }

  private exposure({ clippedBright, highlights }: PictureMeasures, ptsUs: PtsUs, emit: Emit): void {
    this.events.above('overexposed', clippedBright, this.config.overexposed.minClipped, STAY, ptsUs, emit);
    const under = this.events.get('underexposed');
    const { maxHighlights } = this.config.underexposed;
    const isDark = highlights <= (under.isHolding ? maxHighlights / STAY : maxHighlights);
    const isAnother = this.events.get('black').isHolding || this.events.get('plain-field').isHolding;
    under.update(isDark && !isAnother, ptsUs, emit);
  }

  /** Bars and fields are coloured on purpose. */
  private tint(colours: Uint8Array, isNewShot: boolean, ptsUs: PtsUs, emit: Emit): void {
    const isOnPurpose = this.events.get('test-bars').isHolding || this.events.get('plain-field').isHolding;
    const cast = isOnPurpose ? null : castOf(colours);
    if (cast !== null) this.metrics.add('colour-cast', Math.hypot(cast.a, cast.b));
    this.cast.judge(cast, isNewShot, ptsUs, emit);
  }

  /** Bars, and pictures of one colour; a black one is black. */
  private fields(frame: Frame, colours: Uint8Array, ptsUs: PtsUs, emit: Emit): void {
    this.events.get('test-bars').update(showsColourBars(frame), ptsUs, emit);
    const { mean, largest } = spread(colours);
    const isPlain = largest <= this.config.plainField.maxSpread * 255 && !this.events.get('black').isHolding;
    const hex = `#${mean.map((level) => Math.round(level).toString(16).padStart(2, '0')).join('')}`;
    this.events.get('plain-field').update(isPlain, ptsUs, emit, { colour: hex });
  }

  private dominant(frame: Frame, emit: Emit): void {
    if (this.coloursUs !== null && frame.ptsUs - this.coloursUs < this.config.coloursEvery * 1000) return;
    this.coloursUs = frame.ptsUs;
    emit({ type: 'classification', ptsUs: frame.ptsUs, data: { kind: 'dominant-colours', colours: dominantColours(frame) } });
  }
}
