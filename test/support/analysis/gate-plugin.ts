import {
  defineAnalyzer,
  definePlugin,
  z,
  type AnalyzerInput,
  type Emit,
  type JsonValue,
  type SegmentGlance,
} from '../../../src/core/plugin-api/index.js';

const input: AnalyzerInput = { sampling: { all: true }, frame: { widthPx: 32, heightPx: 18, fit: 'stretch', format: 'gray8' } };
const common = { version: '1.0.0', title: 'Gate of the tests', queue: 'default', solves: [], input } as const;

const verdicts: Readonly<Record<string, (glance: SegmentGlance, asked: number) => unknown>> = {
  closed: () => ({ gate: 'closed', reason: 'nothing-there' }),
  'even open': ({ segment }) => (segment.sequence % 2 === 0 ? { gate: 'open' } : { gate: 'closed', reason: 'odd' }),
  'first asked open': (_, asked) => (asked === 1 ? { gate: 'open' } : { gate: 'closed', reason: 'asked-before' }),
  throws: () => {
    throw new Error('the gate is stuck');
  },
  nonsense: () => ({ gate: 'closed', reason: 'No, thanks!' }),
  'as many keyframes': async (glance) => {
    const shape = { widthPx: 40, heightPx: 20, fit: 'stretch', format: 'rgb24' } as const;
    const [frames, again] = [await glance.keyframes(shape), await glance.keyframes({ ...shape })];
    const isSame = frames === again && frames.every(({ widthPx, data, keyframe }) => widthPx === 40 && data.length === 2400 && keyframe);
    const coded = glance.pictures;
    const inOrder = coded.every(({ ptsUs, sizeBytes }, i) => sizeBytes > 0 && (i === 0 || ptsUs > coded[i - 1]!.ptsUs));
    return isSame && inOrder
      ? { gate: 'closed', reason: `${frames.length}-of-${coded.filter(({ keyframe }) => keyframe).length}-of-${coded.length}` }
      : { gate: 'open' };
  },
};

/** A gate that answers as its config says; one who counts frames; and a stateful one who tells of its life. */
export const gatePlugin = definePlugin({
  id: 'gate',
  version: '1.0.0',
  api: '^1.0.0',
  analyzers: [
    defineAnalyzer({
      ...common,
      id: 'gate',
      gate: 'test',
      config: z.strictObject({ verdict: z.string().default('closed') }),
      create: ({ verdict }) => {
        let asked = 0;
        return {
          process: () => undefined,
          judge: (glance) => verdicts[verdict]?.(glance, ++asked) as never,
          endSegment: ({ ptsStartUs }, emit) => emit({ type: 'metric', ptsUs: ptsStartUs, name: 'asked', value: asked, unit: '1' }),
        };
      },
    }),
    defineAnalyzer({
      ...common,
      id: 'gate.stateful',
      state: 'stream',
      config: z.strictObject({ verdict: z.string().default('closed') }),
      create: () => {
        let frames = 0;
        const tell = (emit: Emit, ptsUs: number, what: JsonValue): void => emit({ type: 'artifact', ptsUs, data: { what } });
        return {
          openStream: (_, checkpoint) => void (frames = (checkpoint as number | undefined) ?? 0),
          process: (shown) => void (frames += shown.length),
          gap: (from, to, emit) => tell(emit, from, `gap ${from} ${to}`),
          endSegment: ({ ptsStartUs }, emit) => tell(emit, ptsStartUs, `frames ${frames}`),
          checkpoint: () => frames,
        };
      },
    }),
  ],
});
