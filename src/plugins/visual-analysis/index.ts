import { defineAnalyzer, definePlugin, MODELS, type Models } from 'vedette/plugin';
import { visualAnalysisConfig } from './config.js';
import { flashesConfig } from './flashes/config.js';
import { flashAnalysis } from './flashes/flash-analysis.js';
import { FLASH_COLUMNS, FLASH_ROWS } from './flashes/flash-areas.js';
import { soundConfig } from './sound/config.js';
import { soundAnalysis } from './sound/sound-analysis.js';
import { speechConfig } from './sound/speech/config.js';
import { speechAnalysis } from './sound/speech/speech-analysis.js';
import { VOICE_SAMPLE_RATE_HZ } from './sound/speech/voice-activity.js';
import { structureConfig } from './structure/config.js';
import { structureAnalysis } from './structure/structure-analysis.js';
import { visualAnalysis } from './visual-analysis.js';

/** Measures pictures and sound, and reports what broadcast quality control looks for. One analyzer per shape of input. */
export default definePlugin({
  id: 'visual-analysis',
  version: '1.0.0',
  api: '^1.0.0',
  analyzers: [
    defineAnalyzer({
      id: 'visual-analysis',
      version: '1.1.0',
      title: 'Picture quality and events',
      queue: 'visual_analysis',
      solves: ['visual-quality'],
      state: 'stream',
      concurrent: true,
      config: visualAnalysisConfig,
      input: ({ fps }) => ({ sampling: { fps }, frame: { widthPx: 320, heightPx: 180, fit: 'inside', format: 'rgb24' } }),
      create: (config) => visualAnalysis(config),
    }),
    defineAnalyzer({
      id: 'visual-analysis.structure',
      version: '1.0.0',
      title: 'Bars, blur, blocks, fields, noise',
      queue: 'visual_analysis',
      solves: ['visual-quality'],
      state: 'stream',
      concurrent: true,
      config: structureConfig,
      // Up to full HD the pixels are the source's own: `inside` never enlarges.
      input: ({ fps }) => ({ sampling: { fps }, frame: { widthPx: 1920, heightPx: 1080, fit: 'inside', format: 'gray8' } }),
      create: (config) => structureAnalysis(config),
    }),
    defineAnalyzer({
      id: 'visual-analysis.flashes',
      version: '1.0.0',
      title: 'Flashes and flicker',
      queue: 'visual_analysis',
      solves: ['visual-quality'],
      state: 'stream',
      concurrent: true,
      config: flashesConfig,
      input: { sampling: { all: true }, frame: { widthPx: 2 * FLASH_COLUMNS, heightPx: 2 * FLASH_ROWS, fit: 'stretch', format: 'gray8' } },
      create: (config) => flashAnalysis(config),
    }),
    defineAnalyzer({
      id: 'visual-analysis.sound',
      version: '1.0.0',
      title: 'Sound: loudness, silence, peaks',
      queue: 'visual_analysis',
      solves: ['sound-quality'],
      state: 'stream',
      concurrent: true,
      config: soundConfig,
      input: { audio: { channels: 'source' } },
      create: (config) => soundAnalysis(config),
    }),
    defineAnalyzer({
      id: 'visual-analysis.speech',
      version: '1.0.0',
      title: 'Sound: speech',
      queue: 'visual_analysis',
      solves: ['speech-activity'],
      state: 'stream',
      concurrent: true,
      config: speechConfig,
      input: { audio: { sampleRateHz: VOICE_SAMPLE_RATE_HZ, channels: 'mono' } },
      inject: [MODELS],
      create: (config, models: Models) => speechAnalysis(config, models),
    }),
  ],
});
