import type { Analyzer, AudioBlock, Emit, StreamInfo } from 'vedette/plugin';
import { StreamCourses } from '../per-stream-analyzer.js';
import type { SoundConfig } from './config.js';
import { StreamSound } from './stream-sound.js';

/**
 * Loudness (EBU R 128), true peak, level, phase and clips once a second, and the events `silence`, `dead-channel-<n>`,
 * `clipping`, `out-of-phase`, `true-peak`, `too-loud` and `too-quiet`. `docs/reference/analyzers/visual-analysis.md` has
 * units, sources and thresholds.
 */
export class SoundAnalysis extends StreamCourses<StreamSound> implements Analyzer {
  constructor(config: SoundConfig) {
    super((stream, checkpoint) => new StreamSound(config, stream.epochId, checkpoint));
  }

  processAudio(blocks: readonly AudioBlock[], emit: Emit, _signal: AbortSignal, stream: StreamInfo): void {
    const sound = this.course(stream);
    for (const block of blocks) sound.hear(block, emit);
  }

  /** It asks for no pictures. */
  process(): void {}
}
