import { describe, expect, it } from 'vitest';
import { type AnalysisResult, Box, type JsonValue } from '../../plugin-api/index.js';
import { checkResults, RESULT_LIMITS } from './result-check.js';

const bounds = { originUs: 0, startUs: 60_000_000, endUs: 62_000_000 };
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
const text = (data: JsonValue): AnalysisResult => ({ type: 'text', ptsUs: 60_000_000, data: { data } });
const nested = (depth: number): JsonValue => (depth === 0 ? 1 : [nested(depth - 1)]);

describe(checkResults.name, () => {
  it('lets through what analyzers ordinarily say', () => {
    checkResults([detection(), metric({ value: -1e300 }), event(), text({ words: ['ü', null, 1.5] })], { count: 3 }, bounds);
  });

  it('lets an event begin anywhere in its epoch', () => {
    checkResults([event({ ptsUs: 1 })], undefined, bounds);
  });

  it.each([
    ['a value that is not a number', metric({ value: Number.NaN }), 'value is NaN'],
    ['an infinite value', metric({ value: -Infinity }), 'value is -Infinity'],
    ['a score above 1', detection({ score: 1.01 }), 'score is 1.01'],
    ['a score that is not a number', detection({ score: Number.NaN }), 'score is NaN'],
    ['a box outside the frame', detection({ box: { x: -0.1, y: 0, width: 1, height: 1 } }), 'box.x is -0.1'],
    ['a box without a size', detection({ box: { x: 0, y: 0, width: undefined, height: 1 } }), 'box.width'],
    ['a time that is no whole number', metric({ ptsUs: 60_000_000.5 }), 'whole number'],
    ['a time of another segment', metric({ ptsUs: 20_000_000 }), 'outside the segment'],
    ['an event after its segment', event({ ptsUs: 99_000_000 }), 'outside the segment'],
    ['no label', detection({ label: '' }), 'label must be text'],
    ['a label beyond all measure', detection({ label: 'x'.repeat(RESULT_LIMITS.nameLength + 1) }), 'label must be text'],
    ['a unit beyond all measure', metric({ unit: 'x'.repeat(RESULT_LIMITS.unitLength + 1) }), 'unit must be text'],
    ['text with a NUL', event({ key: 'a\0b' }), 'NUL'],
    ['half a surrogate pair in data', text('\ud800'), 'surrogate'],
    ['a NUL in a key of data', text({ 'a\0': 1 }), 'NUL'],
    ['infinity in data', text([Number.POSITIVE_INFINITY]), 'holds Infinity'],
    ['data beyond all measure', text('x'.repeat(RESULT_LIMITS.jsonBytes)), 'bytes as JSON'],
    ['data nested beyond all measure', text(nested(RESULT_LIMITS.jsonDepth + 1)), 'levels deep'],
  ])('refuses %s', (_, result, message) => {
    expect(() => checkResults([metric(), result], undefined, bounds)).toThrow(
      expect.objectContaining({ code: 'VD_ANALYZER_BAD_RESULT', message: expect.stringMatching(/^Result 1 /) }),
    );
    expect(() => checkResults([result], undefined, bounds)).toThrow(message);
  });

  it('refuses more results than a segment may have', () => {
    const many = Array.from({ length: RESULT_LIMITS.resultsPerRun + 1 }, () => metric());
    expect(() => checkResults(many, undefined, bounds)).toThrow('at most 20000 are kept');
  });

  it('refuses a checkpoint beyond all measure', () => {
    expect(() => checkResults([], 'x'.repeat(RESULT_LIMITS.checkpointBytes), bounds)).toThrow('The checkpoint takes');
  });
});
