import { describe, expect, it } from 'vitest';
import { HeldPictures } from '../../decode/held-pictures.js';
import { PluginFaultLog } from '../../observability/plugin-fault-log.js';
import type { AnalysisJob, Analyzer, AnalyzerTask, Logger } from '../../plugin-api/index.js';
import type { RunningAnalyzer } from './analyzer-instances.js';
import { StreamStates } from './analyzer-streams.js';
import { TaskRun } from './task-run.js';

const input = { sampling: { fps: 5 }, frame: { widthPx: 416, heightPx: 416, fit: 'letterbox', format: 'rgb24' } } as const;
const job = {
  stream: { streamId: 's', epochId: 'e', widthPx: 1920, heightPx: 1080 },
  segment: { path: 's/e/000000.ts', ptsStartUs: 0, ptsEndUs: 2_000_000 },
} as AnalysisJob;
const task = { runId: 'r', analyzerId: 'a', configHash: 'h' } as AnalyzerTask;
const quiet = (): void => undefined;
const logger: Logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const whole = { framesSeen: 10, framesExpected: 10, flaws: [] };

async function begun(analyzer: Partial<Analyzer>): Promise<TaskRun> {
  const running = { registered: { input, definition: {} }, analyzer: { process: quiet, ...analyzer } } as unknown as RunningAnalyzer;
  const cpu = { usedMs: 0, end: quiet };
  const run = new TaskRun(
    task,
    job,
    running,
    new StreamStates(),
    new AbortController().signal,
    cpu,
    new PluginFaultLog(logger),
    new HeldPictures(),
  );
  await run.begin();
  return run;
}

describe(TaskRun.name, () => {
  it('asks for the pictures that the manifest declares', async () => {
    expect((await begun({})).input).toEqual(input);
  });

  it('asks for the size that the analyzer wants of the stream, in the manifest’s fit and format', async () => {
    const asked: unknown[] = [];
    const run = await begun({
      frameSize: (stream) => {
        asked.push([stream.widthPx, stream.heightPx]);
        return { widthPx: 416, heightPx: 256 };
      },
    });
    expect(run.input).toEqual({ ...input, frame: { ...input.frame, heightPx: 256 } });
    expect(asked).toEqual([[1920, 1080]]);
    expect(run.outcome(whole)).toMatchObject({ status: 'done' });
  });

  it.each([
    ['is none', () => ({ widthPx: 0, heightPx: 256 })],
    ['is no whole number', () => ({ widthPx: 416.5, heightPx: 256 })],
    ['is beyond all pictures', () => ({ widthPx: 1e6, heightPx: 1e6 })],
    ['cannot be told', () => raise()],
  ])('fails where that size %s, and looks at what the manifest declares', async (_, frameSize) => {
    const run = await begun({ frameSize });
    expect(run.input).toEqual(input);
    expect(run.outcome(whole)).toMatchObject({ status: 'failed', code: 'VD_ANALYSIS_ANALYZER_FAILED' });
  });
});

function raise(): never {
  throw new Error('no model is open');
}
