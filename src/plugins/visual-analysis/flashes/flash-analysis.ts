import { perStream, type PerStreamAnalyzer } from 'vedette/plugin';
import type { FlashesConfig } from './config.js';
import { StreamFlashes } from './stream-flashes.js';

/** Events `flashing` and `flicker`, metrics `flashes` and `flicker`: they need every frame, but of a tiny picture. */
export function flashAnalysis(config: FlashesConfig): PerStreamAnalyzer {
  return perStream((stream, checkpoint) => new StreamFlashes(config, stream.epochId, checkpoint));
}
