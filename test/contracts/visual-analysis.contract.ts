import { describe, it } from 'vitest';
import { describeAnalyzerContract } from '../../src/core/plugin-testing/index.js';
import plugin from '../../src/plugins/visual-analysis/index.js';

for (const definition of plugin.analyzers ?? []) {
  describeAnalyzerContract({ describe, it }, definition);
  // Short durations: the eight frames then hold events too.
  describeAnalyzerContract(
    { describe, it },
    { ...definition, title: 'with events' },
    {
      config: {
        black: { pixelLevel: 0.9, share: 0.5, minDuration: '200ms' },
        frozen: { maxChange: 0.5, minDuration: '200ms' },
        sceneChange: { minMotion: 0.01, overUsualMotion: 1, minDistance: '1ms' },
      },
    },
  );
}
