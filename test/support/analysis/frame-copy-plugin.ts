import { defineAnalyzer, definePlugin, z } from '../../../src/core/plugin-api/index.js';
import { emitInParts } from './in-parts.js';

/** Gives every frame back as it came, pixels and all, so that tests can hold it against another decoder's. */
export const frameCopy = definePlugin({
  id: 'frame-copy',
  version: '1.0.0',
  api: '^1.0.0',
  analyzers: [
    defineAnalyzer({
      id: 'frame-copy',
      version: '1.0.0',
      title: 'Copies of frames',
      queue: 'default',
      solves: [],
      config: z.strictObject({
        sampling: z
          .union([z.object({ fps: z.number() }), z.object({ keyframes: z.literal(true) }), z.object({ all: z.literal(true) })])
          .default({ all: true }),
        frame: z.object({
          widthPx: z.number(),
          heightPx: z.number(),
          fit: z.enum(['letterbox', 'stretch', 'inside']),
          format: z.enum(['rgb24', 'gray8']),
        }),
      }),
      input: ({ sampling, frame }) => ({ sampling, frame }),
      create: () => ({
        process(frames, emit) {
          for (const { ptsUs, index, keyframe, widthPx, heightPx, data, fit } of frames) {
            emitInParts(emit, ptsUs, { index, keyframe, widthPx, heightPx, fit: { ...fit } }, data);
          }
        },
      }),
    }),
  ],
});

export const DEFAULT_COPY = { frame: { widthPx: 160, heightPx: 90, fit: 'stretch', format: 'rgb24' } } as const;
