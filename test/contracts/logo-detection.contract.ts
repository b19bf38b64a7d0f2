import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SilentLogger } from '../support/fakes/silent-logger.js';
import { OrtModels } from '../../src/core/inference/ort-models.js';
import type {
  AnalysisResult,
  Analyzer,
  DetectionResult,
  EventResult,
  Frame,
  ReferenceSet,
  StreamInfo,
} from '../../src/core/plugin-api/index.js';
import { describeAnalyzerContract } from '../../src/core/plugin-testing/index.js';
import plugin from '../../src/plugins/logo-detection/index.js';
import { drawnFrame, referenceOf, type Placed } from '../support/logos/drawn-logos.js';

const models = new OrtModels([fileURLToPath(new URL('../../models', import.meta.url))]);
const definition = plugin.analyzers![0]!;
const set = (...images: ReferenceSet['images']): ReferenceSet => ({ kind: 'logo', revision: 1, images });
const both = set(referenceOf('ring'), referenceOf('steps'));
const small = { minLogoPx: 40, scaleStep: 1.5 };

describeAnalyzerContract({ describe, it }, definition, { inject: [models], config: small });

// And with something to find: it moves, goes behind a cut, comes back.
const clip = (): Frame[] =>
  Array.from({ length: 8 }, (_, i) =>
    drawnFrame(i, i === 4 ? [] : [{ logo: 'ring', x: 200 + i * 9, y: 120, sizePx: 90 }], { scene: i < 6 ? 1 : 5, shift: i * 9 }),
  );
describeAnalyzerContract(
  { describe, it },
  { ...definition, title: 'with logos' },
  { inject: [models], config: small, references: both, frames: clip },
);

const stream: StreamInfo = { streamId: 's', streamName: 's', epochId: 'e', widthPx: 640, heightPx: 360, codec: 'h264' };
const logger = new SilentLogger();

describe('logo-detection on drawn clips', () => {
  let analyzer: Analyzer;
  let results: AnalysisResult[];
  const emit = (result: AnalysisResult): void => void results.push(result);
  const detections = (): DetectionResult[] => results.filter((result) => result.type === 'detection').filter(({ score }) => score >= 0.5);
  const events = (): EventResult[] => results.filter((result) => result.type === 'event');

  beforeAll(async () => {
    analyzer = await definition.create(definition.config.parse(small), models);
    await analyzer.init?.({ analyzerId: definition.id, dataDir: '.', logger });
  });
  afterAll(() => analyzer.dispose?.());

  /** Segments of five frames. */
  async function watch(frames: readonly Frame[], references: ReferenceSet = both): Promise<void> {
    results = [];
    await analyzer.useReferences?.(references);
    await analyzer.openStream?.(stream);
    for (let from = 0; from < frames.length; from += 5) {
      const part = frames.slice(from, from + 5);
      await analyzer.process(part, emit, new AbortController().signal, stream);
      const ptsEndUs = part.at(-1)!.ptsUs + 400_000;
      await analyzer.endSegment?.({ streamId: 's', epochId: 'e', sequence: from / 5, ptsStartUs: part[0]!.ptsUs, ptsEndUs }, emit, stream);
    }
    await analyzer.closeStream?.(stream, emit);
  }
  const film = (count: number, logosAt: (i: number) => readonly Placed[], scene = 1): Frame[] =>
    Array.from({ length: count }, (_, i) => drawnFrame(i, logosAt(i), { scene, shift: i * 6 }));

  it('finds the logo that is there, where it is, and not the other', async () => {
    await watch(film(5, (i) => [{ logo: 'ring', x: 210 + i * 7, y: 130, sizePx: 96 }]));
    expect(new Set(detections().map(({ label }) => label))).toEqual(new Set(['ring']));
    expect(detections()).toHaveLength(5);
    detections().forEach(({ box }, i) => {
      expect(Math.abs(box.x * 640 - (210 + i * 7))).toBeLessThan(8);
      expect(Math.abs(box.width * 640 - 96)).toBeLessThan(12);
    });
    expect(new Set(detections().map(({ trackId }) => trackId)).size).toBe(1);
  });

  it('finds a logo seen from the side, and another beside it', async () => {
    await watch(
      film(5, () => [
        { logo: 'ring', x: 120, y: 100, sizePx: 110, squeeze: 0.7 },
        { logo: 'steps', x: 420, y: 180, sizePx: 80 },
      ]),
    );
    const seen = (label: string): DetectionResult[] => detections().filter((detection) => detection.label === label);
    expect(seen('ring').length).toBeGreaterThanOrEqual(4);
    expect(seen('steps').length).toBeGreaterThanOrEqual(4);
    expect(Math.abs(seen('ring')[0]!.box.width * 640 - 77)).toBeLessThan(12);
  });

  it('says nothing of a scene without logos, and nothing without references', async () => {
    await watch(film(5, () => [], 3));
    expect(detections()).toEqual([]);
    expect(events()).toEqual([]);
    await watch(
      film(5, () => [{ logo: 'ring', x: 210, y: 130, sizePx: 96 }]),
      set(),
    );
    expect(results).toEqual([]);
  });

  it('tells of an overlay since it came up, also before it was searched for', async () => {
    await watch(film(15, (i) => (i >= 6 && i <= 11 ? [{ logo: 'steps', x: 520, y: 30, sizePx: 72, opacity: 0.8 }] : [])));
    const [start, ...rest] = events();
    expect(start).toMatchObject({ phase: 'start', name: 'logo', ptsUs: 6 * 400_000, key: 'logo:e:brand-steps:2400000' });
    expect(rest.at(-1)).toMatchObject({ phase: 'end', ptsUs: 12 * 400_000, data: { label: 'steps', samples: 6, visibleMs: 2400 } });
    expect(rest.filter(({ phase }) => phase === 'update').length).toBeLessThanOrEqual(3);
  });

  it('ends at a gap what it saw before', async () => {
    await watch(film(5, () => [{ logo: 'ring', x: 210, y: 130, sizePx: 96 }]));
    results = [];
    await analyzer.openStream?.(stream);
    await analyzer.process(
      film(5, () => [{ logo: 'ring', x: 210, y: 130, sizePx: 96 }]),
      emit,
      new AbortController().signal,
      stream,
    );
    await analyzer.gap?.(2_000_000, 9_000_000, emit, stream);
    expect(events().map(({ phase }) => phase)).toEqual(['start', 'end']);
    await analyzer.closeStream?.(stream, emit);
    expect(events()).toHaveLength(2);
  });

  it('lets go of a brand that was taken out of the set between segments', async () => {
    results = [];
    await analyzer.useReferences?.(both);
    await analyzer.openStream?.(stream);
    const frames = film(10, () => [{ logo: 'ring', x: 210, y: 130, sizePx: 96 }]);
    await analyzer.process(frames.slice(0, 5), emit, new AbortController().signal, stream);
    await analyzer.endSegment?.({ streamId: 's', epochId: 'e', sequence: 0, ptsStartUs: 0, ptsEndUs: 2_000_000 }, emit, stream);
    await analyzer.useReferences?.(set(referenceOf('steps')));
    await analyzer.process(frames.slice(5), emit, new AbortController().signal, stream);
    await analyzer.closeStream?.(stream, emit);
    expect(Math.max(...detections().map(({ ptsUs }) => ptsUs))).toBe(1_600_000);
  });

  it('leaves out references that show nothing, with a warning, and finds the others', async () => {
    const odd = (id: string, widthPx: number, heightPx: number, fill: number, hasAlpha: boolean) => ({
      id,
      subjectId: id,
      label: id,
      variant: '',
      widthPx,
      heightPx,
      rgba: new Uint8Array(widthPx * heightPx * 4).fill(fill),
      hasAlpha,
    });
    logger.lines.length = 0;
    const strange = [
      odd('dot', 1, 1, 255, true),
      odd('clear', 64, 64, 0, true),
      odd('white', 64, 64, 255, false),
      odd('line', 2000, 8, 200, true),
      { ...odd('short', 64, 64, 9, true), rgba: new Uint8Array(12) },
    ];
    await watch(
      film(5, () => [{ logo: 'ring', x: 210, y: 130, sizePx: 96 }]),
      set(...strange, referenceOf('ring'), odd('huge', 3000, 2500, 128, true)),
    );
    expect(logger.said('warn').length).toBeGreaterThanOrEqual(5);
    expect(new Set(detections().map(({ label }) => label))).toEqual(new Set(['ring']));
  });
});
