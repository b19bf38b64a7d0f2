import { describe, expect, it } from 'vitest';
import {
  type AnalysisResult,
  Box,
  flawOfEmitted,
  flawOfJson,
  flawOfResult,
  flawOfResults,
  type JsonValue,
  RESULT_LIMITS,
  resultSpan,
} from './index.js';

const span = { epochStartUs: 0, startUs: 60_000_000, endUs: 62_000_000, goesOn: false };
const detection = (more: object = {}): AnalysisResult => ({
  type: 'detection',
  ptsUs: 60_000_000,
  label: 'door',
  score: 0.5,
  box: Box.from01(0, 0, 1, 1),
  ...more,
});
const metric = (more: object = {}): AnalysisResult => ({ type: 'metric', ptsUs: 60_000_000, name: 'n', unit: '1', value: 1, ...more });
const event = (more: object = {}): AnalysisResult => ({ type: 'event', phase: 'start', key: 'k', name: 'n', ptsUs: 60_000_000, ...more });
const text = (data: unknown): AnalysisResult => ({ type: 'text', ptsUs: 60_000_000, data: { data: data as JsonValue } });
const nested = (depth: number): JsonValue => (depth === 0 ? 1 : [nested(depth - 1)]);
const long = (limit: number): string => 'x'.repeat(limit + 1);

describe('evidence', () => {
  const asked = { type: 'evidence', key: 'k', ptsUs: 60_000_000, box: Box.from01(0, 0, 1, 1), rank: 0.5 };
  const jpegBase64 = Buffer.from([0xff, 0xd8, 0xff, 0xe0]).toString('base64');
  const picture = { jpegBase64, widthPx: 10, heightPx: 10, region: Box.from01(0, 0, 1, 1) };

  it('is asked for without a picture, and kept with one', () => {
    expect(flawOfEmitted(asked, span)).toBeUndefined();
    expect(flawOfEmitted({ ...asked, picture }, span)).toContain('picture');
    expect(flawOfResult({ ...asked, picture }, span)).toBeUndefined();
    expect(flawOfResult(asked, span)).toContain('picture');
  });

  it.each<[string, object, string]>([
    ['a box of no numbers', { box: { x: NaN, y: 0, width: 1, height: 1 } }, 'box.x'],
    ['a box of no height', { box: { x: 0, y: 0, width: 1, height: 0 } }, 'box: shows nothing'],
    ['a rank above 1', { rank: 1.1 }, 'rank'],
    ['a time of another segment', { ptsUs: 1 }, 'outside the segment'],
    ['no key', { key: '' }, 'key'],
  ])('with %s is refused', (_, flaw, said) => {
    expect(flawOfEmitted({ ...asked, ...flaw }, span)).toContain(said);
    expect(flawOfResult({ ...asked, picture, ...flaw }, span)).toContain(said);
  });

  it.each<[string, object]>([
    ['is no JPEG', { jpegBase64: Buffer.from('<svg/>').toString('base64') }],
    ['is no base64', { jpegBase64: '/9j/!' }],
    ['is too large', { jpegBase64: `/9j/${'A'.repeat(4 * Math.ceil(RESULT_LIMITS.evidenceBytes / 3))}` }],
    ['is too wide', { widthPx: 10_000 }],
    ['shows nothing', { region: { x: 0, y: 0, width: 0, height: 0 } }],
  ])('is refused with a picture that %s', (_, flaw) => {
    expect(flawOfResult({ ...asked, picture: { ...picture, ...flaw } }, span)).toMatch(/^picture\./);
  });
});

describe(flawOfResults.name, () => {
  it('finds none in what analyzers ordinarily say', () => {
    const third = 1 / 3;
    const results = [
      detection({ trackId: '1', attributes: { colour: undefined, sure: true } }),
      detection({ box: Box.from01(third, 2 * third, 2 * third, third) }),
      metric({ value: -1e300 }),
      event({ phase: 'end', data: {} }),
      text({ words: ['ü', null, 1.5] }),
    ];
    expect(flawOfResults(results, span)).toBeUndefined();
  });

  it.each<[string, unknown, string]>([
    ['no object', 'hello', 'expected object'],
    ['an unknown type', { type: 'guess', ptsUs: 60_000_000, data: {} }, 'type: Invalid'],
    ['a value that is not a number', metric({ value: Number.NaN }), 'value: Invalid input'],
    ['an infinite value', metric({ value: -Infinity }), 'value: Invalid input'],
    ['no unit', metric({ unit: '' }), 'unit: Too small'],
    ['a score above 1', detection({ score: 1.01 }), 'score: Too big'],
    ['a score that is not a number', detection({ score: Number.NaN }), 'score: Invalid input'],
    ['a box before the picture', detection({ box: { x: -0.1, y: 0, width: 1, height: 1 } }), 'box.x: Too small'],
    [
      'a box that reaches beyond the picture',
      detection({ box: { x: 0.5, y: 0, width: 0.6, height: 1 } }),
      'box: reaches beyond the picture',
    ],
    ['a box below the picture', detection({ box: { x: 0, y: 0.5, width: 1, height: 0.6 } }), 'box: reaches beyond the picture'],
    ['a box in pixels', detection({ box: { x: 10, y: 10, width: 20, height: 20 } }), 'box.x: Too big'],
    ['a box without a size', detection({ box: { x: 0, y: 0, width: undefined, height: 1 } }), 'box.width: Invalid input'],
    ['a time that is no whole number', metric({ ptsUs: 60_000_000.5 }), 'ptsUs: Invalid input'],
    ['a time of another segment', metric({ ptsUs: 20_000_000 }), 'outside the segment'],
    ['a time after its segment', metric({ ptsUs: 73_000_000 }), 'outside the segment'],
    ['an event after its segment', event({ ptsUs: 99_000_000 }), 'outside the epoch'],
    ['an event before its epoch', event({ ptsUs: -11_000_000 }), 'outside the epoch'],
    ['an event of no phase', event({ phase: 'middle' }), 'phase: Invalid'],
    ['an event without a key', event({ key: '' }), 'key: Too small'],
    ['no label', detection({ label: '' }), 'label: Too small'],
    ['a label beyond all measure', detection({ label: long(RESULT_LIMITS.nameLength) }), 'label: Too big'],
    ['a track beyond all measure', detection({ trackId: long(RESULT_LIMITS.nameLength) }), 'trackId: Too big'],
    ['a unit beyond all measure', metric({ unit: long(RESULT_LIMITS.unitLength) }), 'unit: Too big'],
    ['text with a NUL', event({ key: 'a\0b' }), 'key: holds a NUL'],
    ['half a surrogate pair in data', text('\ud800'), 'half of a surrogate'],
    ['a NUL in a key of data', text({ 'a\0': 1 }), 'a key with a NUL'],
    ['infinity in data', text([Number.POSITIVE_INFINITY]), 'holds Infinity'],
    ['data that JSON has no form for', text(10n), 'holds bigint'],
    ['data that JSON would make something else of', text(new Float32Array(2)), 'holds Float32Array'],
    ['data that is no object', { type: 'embedding', ptsUs: 60_000_000, data: [1, 2] }, 'data: must be an object'],
    ['data beyond all measure', text('x'.repeat(RESULT_LIMITS.dataBytes)), 'bytes as JSON'],
    ['data nested beyond all measure', text(nested(RESULT_LIMITS.jsonDepth + 1)), 'levels deep'],
  ])('finds %s, and says which result it is', (_, result, flaw) => {
    expect(flawOfResults([metric(), result], span)).toMatch(/^Result 1 \(/);
    expect(flawOfResult(result, span)).toContain(flaw);
  });

  it('finds data that contains itself', () => {
    const data: Record<string, unknown> = {};
    data['self'] = data;
    expect(flawOfResult(text(data))).toContain('levels deep');
  });

  it('finds more results than a segment may have', () => {
    const most = Array.from({ length: RESULT_LIMITS.resultsPerRun }, () => metric());
    expect(flawOfResults(most, span)).toBeUndefined();
    expect(flawOfResults([...most, metric()], span)).toBe('20001 results for one segment; at most 20000 are kept');
  });
});

describe(resultSpan.name, () => {
  const segment = { epochId: 'e', ptsStartUs: 7_200_000_000, ptsEndUs: 7_202_000_000 };
  const checkpoint = { epochId: 'e', sequence: 2, data: null };
  const gathered = metric({ ptsUs: 6_000_000 });

  it('lets a run that goes on from earlier segments tell what was gathered there, however long ago', () => {
    expect(flawOfResult(gathered, resultSpan(segment, checkpoint))).toBeUndefined();
    expect(flawOfResult(gathered, resultSpan(segment, checkpoint, 5_000_000))).toBeUndefined();
    expect(flawOfResult(gathered, resultSpan(segment, checkpoint, 20_000_000))).toContain('outside the epoch');
  });

  it('holds one that begins afresh to its segment, but for events', () => {
    for (const from of [undefined, { ...checkpoint, epochId: 'another' }]) {
      expect(flawOfResult(gathered, resultSpan(segment, from))).toContain('outside the segment');
      expect(flawOfResult(event({ ptsUs: 6_000_000 }), resultSpan(segment, from))).toBeUndefined();
    }
  });
});

describe(flawOfJson.name, () => {
  it('finds what is larger than may be stored', () => {
    expect(flawOfJson('x'.repeat(98), 100)).toBeUndefined();
    expect(flawOfJson('x'.repeat(99), 100)).toBe('takes 101 bytes as JSON; at most 100 are kept');
    expect(flawOfJson(undefined, 100)).toContain('not JSON');
  });
});
