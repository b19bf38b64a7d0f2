import type { Analyzer, AudioBlock, Emit, JsonValue, PtsUs, StreamInfo } from 'vedette/plugin';
import type { SoundConfig } from './config.js';
import { StreamSound } from './stream-sound.js';

/**
 * Loudness (EBU R 128), true peak, level, phase and clips once a second, and the events `silence`, `dead-channel-<n>`,
 * `clipping`, `out-of-phase`, `true-peak`, `too-loud` and `too-quiet`. `docs/reference/analyzers/visual-analysis.md` has
 * units, sources and thresholds.
 */
export class SoundAnalysis implements Analyzer {
  readonly #sounds = new Map<string, StreamSound>();

  constructor(private readonly config: SoundConfig) {}

  openStream(stream: StreamInfo, checkpoint?: JsonValue): void {
    this.#sounds.set(stream.streamId, new StreamSound(this.config, stream.epochId, checkpoint));
  }

  processAudio(blocks: readonly AudioBlock[], emit: Emit, _signal: AbortSignal, stream: StreamInfo): void {
    const sound = this.#sound(stream);
    for (const block of blocks) sound.hear(block, emit);
  }

  /** It asks for no pictures. */
  process(): void {}

  gap(_fromPtsUs: PtsUs, _toPtsUs: PtsUs, emit: Emit, stream: StreamInfo): void {
    this.#sound(stream).interrupt(emit);
  }

  checkpoint(stream: StreamInfo): JsonValue {
    return this.#sound(stream).checkpoint();
  }

  closeStream(stream: StreamInfo, emit: Emit): void {
    this.#sounds.get(stream.streamId)?.interrupt(emit);
    this.#sounds.delete(stream.streamId);
  }

  #sound(stream: StreamInfo): StreamSound {
    const sound = this.#sounds.get(stream.streamId);
    if (sound === undefined) throw new Error(`Stream ${stream.streamId} was not opened`);
    return sound;
  }
}
