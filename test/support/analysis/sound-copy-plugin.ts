import { defineAnalyzer, definePlugin, z, type AudioSpec, type Frame } from '../../../src/core/plugin-api/index.js';
import { emitInParts } from './in-parts.js';

const audio = z.strictObject({ sampleRateHz: z.number().optional(), channels: z.enum(['source', 'mono']).default('source') });

/** What the analyzers besides the first ask for. */
const SHAPES: Readonly<Record<string, AudioSpec>> = {
  'sound-copy.resampled': { sampleRateHz: 16_000, channels: 'source' },
  'sound-copy.telephone': { sampleRateHz: 8_000, channels: 'mono' },
};

/** Gives all sound back as it came, so that tests can hold it against another decoder's. With `pictures` it also asks for keyframes. */
export const soundCopy = definePlugin({
  id: 'sound-copy',
  version: '1.0.0',
  api: '^1.0.0',
  analyzers: ['sound-copy', ...Object.keys(SHAPES)].map((id) =>
    defineAnalyzer({
      id,
      version: '1.0.0',
      title: 'Copies of sound',
      queue: 'default',
      solves: [],
      config: z.strictObject({ audio: audio.prefault({}), pictures: z.boolean().default(false) }),
      input: ({ audio: wanted, pictures }) => ({
        audio: SHAPES[id] ?? wanted,
        ...(pictures ? { sampling: { keyframes: true }, frame: { widthPx: 32, heightPx: 18, fit: 'stretch', format: 'gray8' } } : {}),
      }),
      create: () => ({
        process(frames: readonly Frame[], emit) {
          for (const { ptsUs } of frames) emit({ type: 'metric', ptsUs, name: 'picture', value: 1, unit: '1' });
        },
        processAudio(blocks, emit) {
          for (const { ptsUs, sampleRateHz, channelCount, sampleCount, data } of blocks) {
            emitInParts(emit, ptsUs, { sampleRateHz, channelCount, sampleCount }, new Uint8Array(data.slice().buffer));
          }
        },
      }),
    }),
  ),
});
