import { describe, expect, it } from 'vitest';
import { Box, type AnalysisResult } from '../../plugin-api/index.js';
import { checkResult } from './result-check.js';

const detection: AnalysisResult = { type: 'detection', ptsUs: 40_000, label: 'cat', score: 0.5, box: Box.from01(0.1, 0.1, 0.2, 0.2) };
const invalid = expect.objectContaining({ code: 'VD_ANALYSIS_RESULT_INVALID' });

describe(checkResult.name, () => {
  it.each<AnalysisResult>([
    detection,
    { type: 'metric', ptsUs: 0, name: 'brightness', value: -3.5, unit: 'dB' },
    { type: 'event', phase: 'end', key: 'k', name: 'black', ptsUs: 1 },
    { type: 'text', ptsUs: 1, data: { text: 'x' } },
  ])('lets $type through', (result) => {
    expect(() => checkResult(result, 0)).not.toThrow();
  });

  it.each<[string, unknown]>([
    ['a pts that is no integer', { ...detection, ptsUs: 0.5 }],
    ['a pts that is no number', { ...detection, ptsUs: NaN }],
    ['a score above 1', { ...detection, score: 1.01 }],
    ['a score that is no number', { ...detection, score: NaN }],
    ['a box in pixels', { ...detection, box: { x: 10, y: 10, width: 20, height: 20 } }],
    ['a box of nothing', { ...detection, box: { x: NaN, y: 0, width: 0, height: 0 } }],
    ['no label', { ...detection, label: '' }],
    ['a metric that is infinite', { type: 'metric', ptsUs: 0, name: 'x', value: Infinity, unit: '' }],
    ['an event without a key', { type: 'event', phase: 'start', key: '', name: 'x', ptsUs: 0 }],
    ['an event of no phase', { type: 'event', phase: 'middle', key: 'k', name: 'x', ptsUs: 0 }],
    ['an unknown type', { type: 'guess', ptsUs: 0, data: {} }],
    ['an observation without data', { type: 'text', ptsUs: 0 }],
  ])('refuses %s', (_, result) => {
    expect(() => checkResult(result as AnalysisResult, 0)).toThrow(invalid);
  });

  it('refuses a flood', () => {
    expect(() => checkResult(detection, 100_000)).toThrow(invalid);
  });
});
