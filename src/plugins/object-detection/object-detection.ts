import {
  Box,
  closest,
  type Analyzer,
  type AnalyzerContext,
  type Emit,
  type Frame,
  type Logger,
  type Models,
  type StreamInfo,
} from 'vedette/plugin';
import { wantedClasses, type ObjectDetectionConfig, type PictureSize } from './config.js';
import { Detector } from './detector.js';
import { unknownClasses } from './errors.js';
import type { RawDetection } from './layouts/layout.js';
import { suppressOverlaps } from './overlaps.js';

/** Runs a detection model over the sampled frames; emits a `detection` per object with its class as the label. */
export class ObjectDetection implements Analyzer {
  private detector: Detector | undefined;
  private readonly only: ReadonlySet<string> | undefined;

  constructor(
    private readonly config: ObjectDetectionConfig,
    private readonly models: Models,
  ) {
    const wanted = wantedClasses(config);
    this.only = wanted && new Set(wanted);
  }

  /** @throws VD_MODEL_*, VD_DETECTION_* */
  async init(context?: AnalyzerContext): Promise<void> {
    this.detector = await Detector.open(this.models, this.config, context?.logger);
    if (this.only !== undefined) assertKnown([...this.only], this.detector, context?.logger);
  }

  frameSize(stream: Pick<StreamInfo, 'widthPx' | 'heightPx'>): PictureSize {
    return this.opened.sizeFor(stream);
  }

  async process(frames: readonly Frame[], emit: Emit, signal: AbortSignal): Promise<void> {
    const detector = this.opened;
    for (let from = 0; from < frames.length;) {
      signal.throwIfAborted();
      const batch = frames.slice(from, from + detector.batch);
      const found = await detector.detect(batch);
      batch.forEach((frame, i) => this.report(frame, found[i]!, detector, emit));
      from += batch.length;
    }
  }

  async dispose(): Promise<void> {
    await this.detector?.dispose();
    this.detector = undefined;
  }

  private get opened(): Detector {
    if (this.detector === undefined) throw new Error('it was not initialised');
    return this.detector;
  }

  private report(frame: Frame, found: readonly RawDetection[], { names, layout }: Detector, emit: Emit): void {
    const wanted = found.filter(({ classIndex }) => this.only?.has(labelOf(names, classIndex)) ?? true);
    const { maxOverlap, maxDetections } = this.config;
    for (const { x0, y0, x1, y1, score, classIndex } of suppressOverlaps(wanted, layout.isFinal ? 1 : maxOverlap, maxDetections)) {
      const box = Box.fromInputCornersPx(x0, y0, x1, y1, frame.fit);
      // What lies in the letterbox's bars has nothing of the picture.
      if (box.width <= 0 || box.height <= 0) continue;
      emit({ type: 'detection', ptsUs: frame.ptsUs, label: labelOf(names, classIndex), score: Math.min(1, score), box });
    }
  }
}

/** A class that is asked for and does not exist is never seen, and nobody would know why. */
function assertKnown(wanted: readonly string[], { names, classCount }: Detector, logger: Logger | undefined): void {
  const isKnown = (label: string): boolean => {
    if (names.includes(label)) return true;
    const number = /^class (\d+)$/.exec(label)?.[1];
    return names.length === 0 && number !== undefined && Number(number) < (classCount ?? Infinity);
  };
  const unknown = wanted.filter((label) => !isKnown(label));
  if (unknown.length === 0) return;
  const near = unknown.map((label) => {
    const meant = closest(label, names);
    return meant === undefined ? JSON.stringify(label) : `${JSON.stringify(label)} (did you mean ${JSON.stringify(meant)}?)`;
  });
  const known =
    names.length === 0 ? 'its classes have no names' : `it has ${names.slice(0, LISTED).join(', ')}${names.length > LISTED ? ', …' : ''}`;
  const message = `only asks for classes that the model does not have: ${near.join(', ')}; ${known}`;
  if (unknown.length === wanted.length) throw unknownClasses(message, 'Write the names as the model has them, or give names or labels.');
  logger?.warn(message);
}

const LISTED = 20;

const labelOf = (names: readonly string[], index: number): string => names[index] || `class ${index}`;
