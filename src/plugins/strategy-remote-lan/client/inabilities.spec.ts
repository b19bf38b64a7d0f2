import { expect, it, describe } from 'vitest';
import type { AnalyzerTask } from 'vedette/plugin';
import { Inabilities, isUnable } from './inabilities.js';

const task = (configHash: string): AnalyzerTask => ({
  runId: 'r',
  attempt: 1,
  analyzerId: 'a',
  analyzerVersion: '1.0.0',
  solves: [],
  configHash,
  config: {},
});
const failed = (code: string) => ({ runId: 'r', status: 'failed' as const, code, message: '', retryable: false });

describe(Inabilities.name, () => {
  it('are of one analyzer with one config, for a minute', () => {
    let nowMs = 1_000;
    const unable = new Inabilities(() => nowMs);
    unable.add(task('x'));
    expect([unable.has(task('x')), unable.has(task('y'))]).toEqual([true, false]);
    nowMs += 60_001;
    expect(unable.has(task('x'))).toBe(false);
  });

  it('are what the host lacks, and not what the analyzer or the media did', () => {
    expect(['VD_MODEL_NOT_FOUND', 'VD_ANALYSIS_CONFIG_MISMATCH', 'VD_PLUGIN_CONFIG_INVALID'].map((code) => isUnable(failed(code)))).toEqual(
      [true, true, true],
    );
    expect(['VD_ANALYSIS_ANALYZER_FAILED', 'VD_MEDIA_UNREADABLE'].map((code) => isUnable(failed(code)))).toEqual([false, false]);
  });
});
