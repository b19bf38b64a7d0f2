import { perStream, type Analyzer, type PerStreamAnalyzer } from 'vedette/plugin';
import type { MotionConfig } from './config.js';
import { MotionGate } from './gate/motion-gate.js';
import { StreamMotion } from './stream-motion.js';

/** Regions that move as detections, their share of the picture as the metric `motion.share`, and motion as an event; and a gate. */
export function motionAnalyzer(config: MotionConfig): PerStreamAnalyzer & Required<Pick<Analyzer, 'judge'>> {
  const gate = new MotionGate(config);
  return {
    ...perStream((stream, checkpoint) => new StreamMotion(config, stream, checkpoint)),
    judge: (glance, stream) => gate.judge(glance, stream),
  };
}
