import { setTimeout as delay } from 'node:timers/promises';
import { defineAnalyzer, definePlugin, durationMs, z, type JsonObject } from '../../../src/core/plugin-api/index.js';

/** Numbers the frames of each stream from its first on, across segments; takes as long over each segment as its config says. */
export const counter = definePlugin({
  id: 'counter',
  version: '1.0.0',
  api: '^1.0.0',
  analyzers: [
    defineAnalyzer({
      id: 'counter',
      version: '1.0.0',
      title: 'Counts frames',
      queue: 'default',
      solves: [],
      state: 'stream',
      config: z.strictObject({ pause: durationMs.prefault('0ms') }),
      input: { sampling: { all: true }, frame: { widthPx: 16, heightPx: 16, fit: 'stretch', format: 'gray8' } },
      create: ({ pause }) => {
        const seen = new Map<string, number>();
        return {
          openStream: ({ streamId }, checkpoint) =>
            void seen.set(streamId, ((checkpoint as JsonObject | undefined)?.['seen'] as number | undefined) ?? 0),
          process(frames, emit, _signal, { streamId }) {
            for (const { ptsUs } of frames) {
              const value = (seen.get(streamId) ?? 0) + 1;
              seen.set(streamId, value);
              emit({ type: 'metric', ptsUs, name: 'seen', value, unit: 'frames' });
            }
          },
          endSegment: async () => void (await delay(pause)),
          checkpoint: ({ streamId }) => ({ seen: seen.get(streamId) ?? 0 }),
          closeStream: ({ streamId }) => void seen.delete(streamId),
        };
      },
    }),
  ],
});
