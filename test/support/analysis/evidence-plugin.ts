import { Box, defineAnalyzer, definePlugin, z, type EvidenceResult } from '../../../src/core/plugin-api/index.js';

const BIG = 'A'.repeat(50_000_000);

/** Asks, in ways that no analyzer should, for evidence of the event `hostile` and others. */
const HOSTILE: Readonly<Record<string, (sound: EvidenceResult) => object[]>> = {
  'a picture of its own, of 50 MB': (sound) => [{ ...sound, picture: { jpegBase64: BIG, widthPx: 1, heightPx: 1, region: sound.box } }],
  'a box of no numbers': (sound) => [{ ...sound, box: { x: NaN, y: NaN, width: NaN, height: NaN } }],
  'a box beyond the picture': (sound) => [{ ...sound, box: { x: 0.9, y: 0, width: 1e9, height: 1 } }],
  'a box of no width': (sound) => [{ ...sound, box: { x: 0.5, y: 0.5, width: 0, height: 0.2 } }],
  'an endless rank': (sound) => [{ ...sound, rank: Infinity }],
  'an event nobody heard of': (sound) => [{ ...sound, key: 'unheard' }],
  'a time without a picture': (sound) => [{ ...sound, ptsUs: sound.ptsUs + 1 }],
  'a key of 50 MB': (sound) => [{ ...sound, key: BIG }],
  'too much of it': (sound) => Array.from({ length: 20_000 }, (_, i) => ({ ...sound, key: `many-${i}` })),
};
export const HOSTILE_WAYS = Object.keys(HOSTILE);

/**
 * Looks at every frame, tells of one event that lasts, and keeps the frame that `best` names as its evidence, whole. Beside it, if
 * `hostile` says so, asks for what cannot be kept.
 */
export const evidenceKeeper = definePlugin({
  id: 'evidence-keeper',
  version: '1.0.0',
  api: '^1.0.0',
  analyzers: [
    defineAnalyzer({
      id: 'evidence-keeper',
      version: '1.0.0',
      title: 'Keeps a frame of each segment',
      queue: 'default',
      solves: [],
      config: z.strictObject({
        /** Position among the segment's frames. */
        best: z.number().int().default(0),
        declared: z.boolean().default(true),
        hostile: z.string().optional(),
      }),
      input: ({ declared }) => ({
        sampling: { all: true },
        frame: { widthPx: 32, heightPx: 18, fit: 'stretch', format: 'gray8' },
        ...(declared ? { evidence: true } : {}),
      }),
      create: ({ best, hostile }) => {
        const seen: number[] = [];
        return {
          process: (frames) => void seen.push(...frames.map(({ ptsUs }) => ptsUs)),
          endSegment(_segment, emit) {
            const times = seen.splice(0);
            emit({ type: 'metric', ptsUs: times[0]!, name: 'frames', value: times.length, unit: 'count' });
            emit({ type: 'event', phase: 'start', key: 'lasting', name: 'lasting', ptsUs: times[0]! });
            times.forEach((ptsUs, i) => {
              emit({ type: 'evidence', key: 'lasting', ptsUs, box: Box.from01(0, 0, 1, 1), rank: i === best ? 0.9 : i / times.length / 2 });
            });
            const sound: EvidenceResult = { type: 'evidence', key: 'lasting', ptsUs: times[0]!, box: Box.from01(0, 0, 1, 1), rank: 0.95 };
            for (const bad of hostile === undefined ? [] : HOSTILE[hostile]!(sound)) emit(bad as EvidenceResult);
          },
        };
      },
    }),
  ],
});
