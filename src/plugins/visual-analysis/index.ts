import { defineAnalyzer, definePlugin } from 'vedette/plugin';
import { visualAnalysisConfig } from './config.js';
import { VisualAnalysis } from './visual-analysis.js';

/** Measures every picture and reports when it is black, frozen or cut. */
export default definePlugin({
  id: 'visual-analysis',
  version: '1.0.0',
  api: '^1.0.0',
  analyzers: [
    defineAnalyzer({
      id: 'visual-analysis',
      version: '1.0.0',
      title: 'Picture quality and events',
      queue: 'visual_analysis',
      tasks: ['visual-quality'],
      state: 'stream',
      config: visualAnalysisConfig,
      input: ({ fps }) => ({ sampling: { fps }, frame: { widthPx: 320, heightPx: 180, fit: 'inside', format: 'rgb24' } }),
      create: (config) => new VisualAnalysis(config),
    }),
  ],
});
