import { defineAnalyzer, definePlugin, z, type Analyzer, type ReferenceSet } from '../../../src/core/plugin-api/index.js';

const analyzer = (id: string, create: () => Analyzer) =>
  defineAnalyzer({
    id,
    version: '1.0.0',
    title: 'Reference images as they come',
    queue: 'default',
    solves: [],
    config: z.strictObject({}),
    input: { sampling: { keyframes: true }, frame: { widthPx: 16, heightPx: 16, fit: 'stretch', format: 'gray8' } },
    references: 'logo',
    create,
  });

/** Tells of the reference images it was given, per segment; the second one refuses what is called `poison`, the third cannot do without. */
export const referenceReader = definePlugin({
  id: 'reference-reader',
  version: '1.0.0',
  api: '^1.0.0',
  analyzers: [
    analyzer('reference-reader', () => {
      const given: ReferenceSet[] = [];
      return {
        useReferences: (set) => void given.push(set),
        process: () => undefined,
        endSegment({ ptsStartUs }, emit) {
          const { revision, images } = given.at(-1)!;
          const told = images.map(({ label, rgba }) => ({
            label,
            isBytes: rgba instanceof Uint8Array,
            first: rgba[0] ?? -1,
            bytes: rgba.length,
          }));
          emit({ type: 'artifact', ptsUs: ptsStartUs, data: { calls: given.length, revision, images: told } });
        },
      };
    }),
    analyzer('reference-reader.picky', () => ({
      useReferences({ images }) {
        if (images.some(({ label }) => label === 'poison')) throw new Error('it cannot be drawn');
      },
      process: () => undefined,
    })),
    { ...analyzer('reference-reader.needy', () => ({ useReferences: () => undefined, process: () => undefined })), needsReferences: true },
  ],
});
