import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OrtModels } from '../../src/core/inference/ort-models.js';
import type { AnalysisResult, Analyzer, EventResult, Frame, JsonObject, StreamInfo } from '../../src/core/plugin-api/index.js';
import { describeAnalyzerContract } from '../../src/core/plugin-testing/index.js';
import plugin from '../../src/plugins/text-detection/index.js';
import { drawnText, HEIGHT_PX, WIDTH_PX, type Placed } from '../support/text/drawn-text.js';

const models = new OrtModels([]);
const definition = plugin.analyzers![0]!;
const small = { widthPx: WIDTH_PX, heightPx: HEIGHT_PX, searchPx: 320 };

describeAnalyzerContract({ describe, it }, definition, { inject: [models], config: small });

const title: Placed = { text: 'Harbour Report', x: 40, y: 290, sizePx: 26 };
const clock = (i: number): Placed => ({ text: `12:34:0${Math.min(9, i)}`, x: 470, y: 30, sizePx: 22 });

// And with something to read: a clock runs, a title comes and goes behind a cut.
const clip: Frame[] = await Promise.all(
  Array.from({ length: 8 }, (_, i) => drawnText(i, [clock(i >> 1), ...(i < 5 ? [title] : [])], { scene: i < 5 ? 1 : 3 })),
);
describeAnalyzerContract(
  { describe, it },
  { ...definition, title: 'with text' },
  { inject: [models], config: { ...small, restBetween: '500ms', watch: ['harbour'] }, frames: () => clip },
);

const stream: StreamInfo = { streamId: 's', streamName: 's', epochId: 'e', widthPx: WIDTH_PX, heightPx: HEIGHT_PX, codec: 'h264' };

describe('text-detection on drawn clips', () => {
  let analyzer: Analyzer;
  let results: AnalysisResult[];
  const emit = (result: AnalysisResult): void => void results.push(result);
  const events = (name: string): EventResult[] =>
    results.filter((result) => result.type === 'event').filter((event) => event.name === name);
  const said = (event: EventResult): unknown[] => [event.phase, event.ptsUs, event.data?.['text']];
  const readings = (): JsonObject[] => results.flatMap((result) => (result.type === 'text' ? [result.data] : []));

  afterAll(() => analyzer.dispose?.());
  beforeAll(() => open({ watch: ['harbour', 'goal'] }));

  async function open(config: object): Promise<void> {
    await analyzer?.dispose?.();
    analyzer = await definition.create(definition.config.parse({ ...small, ...config }), models);
    await analyzer.init?.({ analyzerId: definition.id, dataDir: '.', logger: console });
  }
  async function watch(frames: readonly Frame[]): Promise<void> {
    results = [];
    await analyzer.openStream?.(stream);
    await analyzer.process(frames, emit, new AbortController().signal, stream);
    await analyzer.closeStream?.(stream, emit);
  }
  const film = (count: number, textsAt: (i: number) => readonly Placed[], sceneAt: (i: number) => number = () => 1): Promise<Frame[]> =>
    Promise.all(Array.from({ length: count }, (_, i) => drawnText(i, textsAt(i), { scene: sceneAt(i) })));

  it('reads what is there, where it is, and says it once while it stands still', async () => {
    await watch(await film(9, () => [title, { text: 'Gate 42', x: 420, y: 60, sizePx: 30 }]));
    expect(readings().map(({ text }) => text)).toEqual(expect.arrayContaining(['Harbour Report', 'Gate 42']));
    expect(readings()).toHaveLength(2);
    const { box, score } = readings().find(({ text }) => text === 'Gate 42') as unknown as { box: { x: number; y: number }; score: number };
    expect(Math.abs(box.x - 420 / WIDTH_PX)).toBeLessThan(0.03);
    expect(Math.abs(box.y - 60 / HEIGHT_PX)).toBeLessThan(0.05);
    expect(score).toBeGreaterThan(0.9);
    expect(events('text').map(({ phase }) => phase)).toEqual(['start', 'start', 'end', 'end']);
  });

  it('follows a clock as one text that is updated, and a new title as a new one', async () => {
    await watch(await film(9, (i) => [clock(i >> 1), { ...title, text: i < 4 ? 'Harbour Report' : 'Mountain Weather' }]));
    const clockKey = events('text').find((event) => event.data?.['text'] === '12:34:00')?.key;
    const clocks = events('text').filter(({ key }) => key === clockKey);
    expect(clocks.map(said)).toEqual([
      ['start', 0, '12:34:00'],
      ['update', 1_000_000, '12:34:01'],
      ['update', 2_000_000, '12:34:02'],
      ['update', 3_000_000, '12:34:03'],
      ['update', 4_000_000, '12:34:04'],
      ['end', 4_000_000, undefined],
    ]);
    const titles = events('text').filter(({ key }) => key !== clockKey);
    expect(titles.map(said)).toEqual([
      ['start', 0, 'Harbour Report'],
      ['end', 2_000_000, undefined],
      ['start', 2_000_000, 'Mountain Weather'],
      ['end', 4_000_000, undefined],
    ]);
  });

  it('ends what a cut takes away at the cut, and goes on with what lies over both shots', async () => {
    await watch(
      await film(
        8,
        (i) => [title, ...(i < 5 ? [{ text: 'Gate 42', x: 420, y: 60, sizePx: 30 }] : [])],
        (i) => (i < 5 ? 1 : 3),
      ),
    );
    expect(
      events('text')
        .filter(({ phase }) => phase !== 'start')
        .map(({ ptsUs }) => ptsUs),
    ).toEqual([2_500_000, 3_500_000]);
    expect(events('text').filter(({ phase }) => phase === 'start')).toHaveLength(2);
  });

  it('reads a line that is turned', async () => {
    await watch(await film(1, () => [{ text: 'Harbour Report', x: 120, y: 60, sizePx: 30, turned: 20 }]));
    expect(readings().map(({ text }) => text)).toEqual(['Harbour Report']);
  });

  it('tells of a watched word for as long as it is there', async () => {
    await watch(await film(9, (i) => [{ ...title, text: i < 4 ? 'Härbour Report' : 'Mountain Weather' }]));
    expect(events('watched-text').map(({ phase, ptsUs, data }) => [phase, ptsUs, data?.['word']])).toEqual([
      ['start', 0, 'harbour'],
      ['end', 2_000_000, undefined],
    ]);
  });

  it('reads no other characters than it may', async () => {
    await open({ allow: '0123456789:' });
    await watch(await film(1, () => [clock(3), { ...title, text: 'OIL 50' }]));
    expect(readings().every(({ text }) => /^[\d: ]+$/.test(String(text)))).toBe(true);
    expect(readings().map(({ text }) => text)).toContain('12:34:03');
    await expect(open({ allow: 'ß0' })).rejects.toMatchObject({
      code: 'VD_TEXT_UNREADABLE_CHARACTERS',
      message: expect.stringContaining('ß'),
    });
  });
});
