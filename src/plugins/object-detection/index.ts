import { defineAnalyzer, definePlugin, MODELS, type AnalyzerInput, type Models, type TrackingSpec } from 'vedette/plugin';
import { classLabels } from './class-labels.js';
import { objectDetectionConfig, shapesConfig, wantedSize, type ObjectDetectionConfig } from './config.js';
import { ObjectDetection } from './object-detection.js';

/** What `vedette up` shows before anybody has connected anything. */
const DEMO_STREAM = 'demo';
/** Until the model is open; then it says what it takes. */
const UNKNOWN_SIZE = { widthPx: 416, heightPx: 416 };

const detection = {
  version: '1.2.0',
  queue: 'default',
  solves: ['object'],
  concurrent: true,
  input: ({ keyframesOnly, fps, fit, ...size }: ObjectDetectionConfig): AnalyzerInput => ({
    sampling: keyframesOnly ? { keyframes: true } : { fps },
    frame: { ...(wantedSize(size) ?? UNKNOWN_SIZE), fit, format: 'rgb24' },
  }),
  labels: classLabels,
  tracking: ({
    minScore,
    tracking: { enabled, startScore, continueScore = Math.min(minScore, startScore), minIou, maxGap, minHits },
  }: ObjectDetectionConfig): TrackingSpec | undefined =>
    enabled ? { startScore, continueScore, minIou, maxGapMs: maxGap, minHits } : undefined,
  inject: [MODELS],
  create: (config: ObjectDetectionConfig, models: Models) => new ObjectDetection(config, models),
};

/** Finds objects with a detection model in ONNX form: one that knows persons and vehicles comes with it, others you bring. */
export default definePlugin({
  id: 'object-detection',
  version: '1.2.0',
  api: '^1.0.0',
  analyzers: [
    defineAnalyzer({
      ...detection,
      id: 'object-detection',
      title: 'Object detection',
      config: objectDetectionConfig,
      streams: ['*', `!${DEMO_STREAM}`],
    }),
    defineAnalyzer({
      ...detection,
      id: 'object-detection.demo',
      title: 'Shapes of the demo stream',
      config: shapesConfig,
      streams: [DEMO_STREAM],
    }),
  ],
});
