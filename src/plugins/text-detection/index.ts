import { defineAnalyzer, definePlugin, MODELS, type Models } from 'vedette/plugin';
import { textDetectionConfig } from './config.js';
import { textDetection } from './text-detection.js';

/** Finds text in pictures, reads it, and says when it comes, changes and goes. */
export default definePlugin({
  id: 'text-detection',
  version: '1.0.0',
  api: '^1.0.0',
  analyzers: [
    defineAnalyzer({
      id: 'text-detection',
      version: '1.0.0',
      title: 'Text detection',
      queue: 'default',
      solves: ['text'],
      state: 'stream',
      concurrent: true,
      config: textDetectionConfig,
      input: ({ fps, keyframesOnly, widthPx, heightPx }) => ({
        sampling: keyframesOnly ? { keyframes: true } : { fps },
        frame: { widthPx, heightPx, fit: 'inside', format: 'rgb24' },
      }),
      inject: [MODELS],
      create: (config, models: Models) => textDetection(config, models),
    }),
  ],
});
