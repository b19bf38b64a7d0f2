import { perStream, type PerStreamAnalyzer } from 'vedette/plugin';
import type { SoundConfig } from './config.js';
import { StreamSound } from './stream-sound.js';

/**
 * Loudness (EBU R 128), true peak, level, phase and clips once a second, and the events `silence`, `dead-channel-<n>`,
 * `clipping`, `out-of-phase`, `true-peak`, `too-loud` and `too-quiet`. `docs/reference/analyzers/visual-analysis.md` has
 * units, sources and thresholds.
 */
export function soundAnalysis(config: SoundConfig): PerStreamAnalyzer {
  return perStream((stream, checkpoint) => new StreamSound(config, stream.epochId, checkpoint));
}
