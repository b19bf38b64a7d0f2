import { perStream, type PerStreamAnalyzer } from 'vedette/plugin';
import type { VisualAnalysisConfig } from './config.js';
import { PictureMeter } from './picture-measures.js';
import { StreamLook } from './stream-look.js';

/**
 * What a small picture shows: metrics of light, colour, sharpness and motion ({@link PictureMeasures} says how each is taken),
 * the dominant colours as a classification, and the events `black`, `frozen`, `scene-change`, `overexposed`, `underexposed`,
 * `colour-cast`, `test-bars` and `plain-field`.
 *
 * `motion` is the mean change of the picture's 64x36 tiles since the measured frame before: 0 is a still, 1 is black to white.
 * It depends on `fps`; the first frame of an epoch, or after a gap, has none.
 */
export function visualAnalysis(config: VisualAnalysisConfig): PerStreamAnalyzer {
  const meter = new PictureMeter();
  return perStream((stream, checkpoint) => new StreamLook(config, meter, stream.epochId, checkpoint));
}
