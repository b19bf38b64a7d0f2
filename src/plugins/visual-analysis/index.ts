import { defineAnalyzer, definePlugin } from 'vedette/plugin';
import { visualAnalysisConfig } from './config.js';
import { soundConfig } from './sound/config.js';
import { SoundAnalysis } from './sound/sound-analysis.js';
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
    defineAnalyzer({
      id: 'visual-analysis.sound',
      version: '1.0.0',
      title: 'Sound: loudness, silence, peaks',
      queue: 'visual_analysis',
      tasks: ['sound-quality'],
      state: 'stream',
      config: soundConfig,
      input: { audio: { channels: 'source' } },
      create: (config) => new SoundAnalysis(config),
    }),
  ],
});
