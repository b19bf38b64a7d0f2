import { defineAnalyzer, definePlugin, MODELS, type Models } from 'vedette/plugin';
import { logoDetectionConfig } from './config.js';
import { logoDetection } from './logo-detection.js';

/** Finds the logos an operator has shown Vedette. */
export default definePlugin({
  id: 'logo-detection',
  version: '1.0.0',
  api: '^1.0.0',
  analyzers: [
    defineAnalyzer({
      id: 'logo-detection',
      version: '1.1.0',
      title: 'Logo detection',
      queue: 'logo_detection',
      solves: ['logo'],
      state: 'stream',
      references: 'logo',
      needsReferences: true,
      config: logoDetectionConfig,
      input: ({ fps, widthPx, heightPx, evidence }) => ({
        sampling: { fps },
        frame: { widthPx, heightPx, fit: 'inside', format: 'gray8' },
        evidence,
      }),
      inject: [MODELS],
      create: (config, models: Models) => logoDetection(config, models),
    }),
  ],
});
