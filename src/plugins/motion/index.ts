import { defineAnalyzer, definePlugin } from 'vedette/plugin';
import { motionConfig } from './config.js';
import { motionAnalyzer } from './motion.js';
import { PICTURE } from './picture.js';

/** Finds what moves, and lets others skip segments in which nothing does (`when: motion`). */
export default definePlugin({
  id: 'motion',
  version: '1.0.0',
  api: '^1.0.0',
  analyzers: [
    defineAnalyzer({
      id: 'motion',
      version: '1.0.0',
      title: 'Motion',
      queue: 'default',
      solves: ['motion'],
      state: 'stream',
      gate: 'motion',
      concurrent: true,
      config: motionConfig,
      input: ({ fps }) => ({ sampling: { fps }, frame: PICTURE }),
      create: (config) => motionAnalyzer(config),
    }),
  ],
});
