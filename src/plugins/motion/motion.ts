import type { Analyzer, Emit, Frame, GateVerdict, JsonValue, PtsUs, SegmentGlance, StreamInfo } from 'vedette/plugin';
import type { MotionConfig } from './config.js';
import { MotionGate } from './gate/motion-gate.js';
import { StreamMotion } from './stream-motion.js';

/** Regions that move as detections, their share of the picture as the metric `motion.share`, and motion as an event; and a gate. */
export class Motion implements Analyzer {
  readonly #streams = new Map<string, StreamMotion>();
  readonly #gate: MotionGate;

  constructor(private readonly config: MotionConfig) {
    this.#gate = new MotionGate(config);
  }

  openStream(stream: StreamInfo, checkpoint?: JsonValue): void {
    this.#streams.set(stream.streamId, new StreamMotion(this.config, stream, checkpoint));
  }

  process(frames: readonly Frame[], emit: Emit, _signal: AbortSignal, stream: StreamInfo): void {
    const motion = this.#motion(stream);
    for (const frame of frames) motion.frame(frame, emit);
  }

  judge(glance: SegmentGlance, stream: StreamInfo): Promise<GateVerdict> {
    return this.#gate.judge(glance, stream);
  }

  gap(_fromPtsUs: PtsUs, _toPtsUs: PtsUs, emit: Emit, stream: StreamInfo): void {
    this.#motion(stream).interrupt(emit);
  }

  checkpoint(stream: StreamInfo): JsonValue {
    return this.#motion(stream).checkpoint();
  }

  closeStream(stream: StreamInfo, emit: Emit): void {
    this.#streams.get(stream.streamId)?.interrupt(emit);
    this.#streams.delete(stream.streamId);
  }

  #motion(stream: StreamInfo): StreamMotion {
    const motion = this.#streams.get(stream.streamId);
    if (motion === undefined) throw new Error(`Stream ${stream.streamId} was not opened`);
    return motion;
  }
}
