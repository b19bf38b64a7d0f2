import type { Analyzer, Emit, Frame, JsonValue, PtsUs, StreamInfo } from 'vedette/plugin';
import type { VisualAnalysisConfig } from './config.js';
import { PictureMeter } from './picture-measures.js';
import { StreamLook } from './stream-look.js';

/**
 * Metrics `brightness`, `contrast`, `sharpness`, `motion` (all 0..1; {@link PictureMeasures} says how each is taken), the
 * dominant colours as a classification, and the events `black`, `frozen` and `scene-change`.
 *
 * `motion` is the mean change of the picture's 64x36 tiles since the measured frame before: 0 is a still, 1 is black to white.
 * It depends on `fps`; the first frame of an epoch, or after a gap, has none.
 */
export class VisualAnalysis implements Analyzer {
  readonly #meter = new PictureMeter();
  readonly #looks = new Map<string, StreamLook>();

  constructor(private readonly config: VisualAnalysisConfig) {}

  openStream(stream: StreamInfo, checkpoint?: JsonValue): void {
    this.#looks.set(stream.streamId, new StreamLook(this.config, this.#meter, stream.epochId, checkpoint));
  }

  process(frames: readonly Frame[], emit: Emit, _signal: AbortSignal, stream: StreamInfo): void {
    const look = this.#look(stream);
    for (const frame of frames) look.frame(frame, emit);
  }

  gap(_fromPtsUs: PtsUs, _toPtsUs: PtsUs, emit: Emit, stream: StreamInfo): void {
    this.#look(stream).interrupt(emit);
  }

  checkpoint(stream: StreamInfo): JsonValue {
    return this.#look(stream).checkpoint();
  }

  closeStream(stream: StreamInfo, emit: Emit): void {
    this.#looks.get(stream.streamId)?.interrupt(emit);
    this.#looks.delete(stream.streamId);
  }

  #look(stream: StreamInfo): StreamLook {
    const look = this.#looks.get(stream.streamId);
    if (look === undefined) throw new Error(`Stream ${stream.streamId} was not opened`);
    return look;
  }
}
