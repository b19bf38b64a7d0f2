import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';
import { OrtModels } from '../../src/core/inference/ort-models.js';
import type { AudioBlock } from '../../src/core/plugin-api/index.js';
import { describeAnalyzerContract } from '../../src/core/plugin-testing/index.js';
import plugin from '../../src/plugins/visual-analysis/index.js';
import { syntheticVoice } from '../support/sound/synthetic-voice.js';

const models = new OrtModels([fileURLToPath(new URL('../../models', import.meta.url))]);

/** Thresholds that eight synthetic frames cross, so that the contract is held by events too. */
const EAGER: Readonly<Record<string, Record<string, unknown>>> = {
  'visual-analysis': {
    metricsEvery: '400ms',
    black: { pixelLevel: 0.9, share: 0.5, minDuration: '200ms' },
    frozen: { maxChange: 0.5, minDuration: '200ms' },
    sceneChange: { minMotion: 0.01, overUsualMotion: 1, minDistance: '1ms' },
    overexposed: { minClipped: 0, minDuration: '200ms' },
    underexposed: { maxHighlights: 1, minDuration: '200ms' },
    colourCast: { minCast: 1, minScenes: 1, minDuration: '200ms' },
    plainField: { maxSpread: 1, minDuration: '200ms' },
  },
  'visual-analysis.structure': {
    metricsEvery: '400ms',
    bars: { maxLevel: 0, minShare: 0, minDuration: '200ms' },
    blurred: { minEdgeWidth: 0, minDuration: '200ms', patience: '0s' },
    blocky: { minBlockiness: 0, minDuration: '200ms', patience: '0s' },
    interlaced: { minCombing: 0, minDuration: '200ms', patience: '200ms' },
    noisy: { minNoise: 0, minDuration: '200ms', patience: '0s' },
  },
  'visual-analysis.flashes': {
    metricsEvery: '400ms',
    flashing: { minChange: 0.005, maxDarker: 1, minArea: 0.01, maxPerSecond: 0.5 },
    flicker: { minSwing: 0.0001, minSwings: 2, minDuration: '200ms' },
  },
};

for (const definition of plugin.analyzers ?? []) {
  const inject = definition.inject === undefined ? [] : [models];
  describeAnalyzerContract({ describe, it }, definition, { inject });
  const config = EAGER[definition.id];
  if (config !== undefined) describeAnalyzerContract({ describe, it }, { ...definition, title: 'with events' }, { config });
  if (definition.id === 'visual-analysis.speech')
    describeAnalyzerContract({ describe, it }, { ...definition, title: 'with a voice' }, { inject, audio: voiceWithAPause });
}

/** Somebody speaks from the start and, after a pause, to the end. */
function voiceWithAPause(): AudioBlock[] {
  const [sampleRateHz, sampleCount] = [16_000, 8_000];
  const voice = syntheticVoice(4, sampleRateHz).fill(0, 1.4 * sampleRateHz, 2.1 * sampleRateHz);
  return Array.from({ length: 8 }, (_, i) => ({
    ptsUs: i * 500_000,
    sampleRateHz,
    channelCount: 1,
    sampleCount,
    data: voice.slice(i * sampleCount, (i + 1) * sampleCount),
  }));
}
