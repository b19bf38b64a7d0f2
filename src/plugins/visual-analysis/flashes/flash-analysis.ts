import { PerStreamAnalyzer } from '../per-stream-analyzer.js';
import type { FlashesConfig } from './config.js';
import { StreamFlashes } from './stream-flashes.js';

/** Events `flashing` and `flicker`, metrics `flashes` and `flicker`: they need every frame, but of a tiny picture. */
export class FlashAnalysis extends PerStreamAnalyzer {
  constructor(config: FlashesConfig) {
    super((stream, checkpoint) => new StreamFlashes(config, stream.epochId, checkpoint));
  }
}
