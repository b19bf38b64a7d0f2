import { defineAnalyzer, definePlugin, MODELS, type Models } from 'vedette/plugin';
import { objectDetectionConfig } from './config.js';
import { ObjectDetection } from './object-detection.js';

/** Finds objects with a YOLO model in ONNX form. */
export default definePlugin({
  id: 'object-detection',
  version: '1.0.0',
  api: '^1.0.0',
  analyzers: [
    defineAnalyzer({
      id: 'object-detection',
      version: '1.0.0',
      title: 'Object detection',
      queue: 'default',
      tasks: ['object'],
      config: objectDetectionConfig,
      input: ({ keyframesOnly, fps, inputWidthPx, inputHeightPx }) => ({
        sampling: keyframesOnly ? { keyframes: true } : { fps },
        frame: { widthPx: inputWidthPx, heightPx: inputHeightPx, fit: 'letterbox', format: 'rgb24' },
      }),
      inject: [MODELS],
      create: (config, models: Models) => new ObjectDetection(config, models),
    }),
  ],
});
