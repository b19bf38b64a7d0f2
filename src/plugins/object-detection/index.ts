import { defineAnalyzer, definePlugin, MODELS, type Models } from 'vedette/plugin';
import { classLabels } from './class-labels.js';
import { objectDetectionConfig } from './config.js';
import { ObjectDetection } from './object-detection.js';

/** Finds objects with a detection model in ONNX form: bring your own. */
export default definePlugin({
  id: 'object-detection',
  version: '1.1.0',
  api: '^1.0.0',
  analyzers: [
    defineAnalyzer({
      id: 'object-detection',
      version: '1.1.0',
      title: 'Object detection',
      queue: 'default',
      solves: ['object'],
      concurrent: true,
      config: objectDetectionConfig,
      input: ({ keyframesOnly, fps, inputWidthPx, inputHeightPx, fit }) => ({
        sampling: keyframesOnly ? { keyframes: true } : { fps },
        frame: { widthPx: inputWidthPx, heightPx: inputHeightPx, fit, format: 'rgb24' },
      }),
      labels: classLabels,
      tracking: ({
        minScore,
        tracking: { enabled, startScore, continueScore = Math.min(minScore, startScore), minIou, maxGap, minHits },
      }) => (enabled ? { startScore, continueScore, minIou, maxGapMs: maxGap, minHits } : undefined),
      inject: [MODELS],
      create: (config, models: Models) => new ObjectDetection(config, models),
    }),
  ],
});
