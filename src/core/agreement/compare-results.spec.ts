import { describe, expect, it } from 'vitest';
import { type AnalysisResult, Box } from '../plugin-api/index.js';
import { compareResults } from './compare-results.js';

const seen = (ptsUs: number, label: string, x = 0.1): AnalysisResult => ({
  type: 'detection',
  ptsUs,
  label,
  score: 0.9,
  box: Box.from01(x, 0.1, 0.2, 0.2),
});
const metric = (name: string, value: number): AnalysisResult => ({ type: 'metric', ptsUs: 0, name, value, unit: '1' });

describe(compareResults.name, () => {
  it('matches detections by label and overlap, whatever the case of the label', () => {
    expect(compareResults([seen(0, 'Car'), seen(0, 'dog', 0.6)], [seen(0, 'car', 0.12), seen(0, 'cat', 0.6)])).toEqual({
      matched: 1,
      onlyMain: 1,
      onlyShadow: 1,
      agreement: 1 / 3,
    });
    expect(compareResults([seen(0, 'car', 0.1)], [seen(0, 'car', 0.25)])).toMatchObject({ matched: 0 });
  });

  it('matches each detection once', () => {
    expect(compareResults([seen(0, 'car')], [seen(0, 'car'), seen(0, 'car', 0.11)])).toMatchObject({
      matched: 1,
      onlyMain: 0,
      onlyShadow: 1,
    });
  });

  it('holds the frames of one that samples more finely against the moments of the other', () => {
    const fine = Array.from({ length: 10 }, (_, i) => seen(i * 200_000, 'car'));
    expect(compareResults(fine, [seen(30_000, 'car'), seen(1_010_000, 'car')])).toEqual({
      matched: 2,
      onlyMain: 0,
      onlyShadow: 0,
      agreement: 1,
    });
    expect(compareResults([seen(30_000, 'car')], fine)).toMatchObject({ matched: 1, onlyMain: 0, onlyShadow: 0 });
    expect(compareResults(fine, [])).toEqual({ matched: 0, onlyMain: 1, onlyShadow: 0, agreement: 0 });
    expect(compareResults([seen(0, 'car')], [seen(1_900_000, 'car')])).toMatchObject({ matched: 0, onlyMain: 0, onlyShadow: 1 });
  });

  it('compares metrics by their mean, and events and texts by what they say', () => {
    const main = [metric('a', 10), metric('a', 12), metric('b', 1), metric('only', 1)];
    expect(compareResults(main, [metric('a', 11.2), metric('b', 2)])).toMatchObject({ matched: 1, onlyMain: 2, onlyShadow: 1 });
    const text = (said: string): AnalysisResult => ({ type: 'text', ptsUs: 0, data: { text: said } });
    const event: AnalysisResult = { type: 'event', phase: 'start', key: 'k1', name: 'black', ptsUs: 0 };
    expect(compareResults([text('EXIT '), event], [text('exit'), text('exit'), { ...event, key: 'k2' }])).toEqual({
      matched: 2,
      onlyMain: 0,
      onlyShadow: 0,
      agreement: 1,
    });
  });

  it('gives no figure where neither found anything', () => {
    expect(compareResults([], []).agreement).toBeNull();
  });
});
