import { describe, expect, it } from 'vitest';
import { FakeStreamStore } from '../../../test/support/fakes/fake-stream-store.js';
import { SilentLogger } from '../../../test/support/fakes/silent-logger.js';
import { until } from '../../../test/support/until.js';
import { CodedError, type RunningSource, type SourceAdapter } from '../plugin-api/index.js';
import { StreamStates } from './stream-states.js';
import { SupervisedSource, type SourceTimings } from './supervised-source.js';

const QUICK: Partial<SourceTimings> = { firstRetryMs: 5, maxRetryMs: 20, probeTimeoutMs: 100, openTimeoutMs: 100, stopTimeoutMs: 100 };

function supervise(adapter: SourceAdapter) {
  const reports: string[] = [];
  const ended: string[] = [];
  const logger = new SilentLogger();
  const source = new SupervisedSource({
    name: 'cam',
    adapter: async () => adapter,
    config: {},
    context: () => undefined,
    report: (state, detail) => reports.push(detail === undefined ? state : `${state}: ${detail}`),
    endEpochs: async (reason) => void ended.push(reason),
    logger,
    timings: QUICK,
  });
  source.start();
  return { source, reports, ended, logger };
}

function runningSource() {
  const done = Promise.withResolvers<{ reason: string; error?: Error }>();
  const running: RunningSource = { done: done.promise, stop: async (reason) => done.resolve({ reason }) };
  return { running, done };
}

describe('SupervisedSource', () => {
  it('starts again what ended by itself, and says why it ended', async () => {
    const runs: ReturnType<typeof runningSource>[] = [];
    const { source, reports, ended } = supervise({
      open: async () => {
        runs.push(runningSource());
        return runs.at(-1)!.running;
      },
    });
    await until('the first run', () => runs.length === 1);
    runs[0]!.done.resolve({ reason: 'unplugged' });
    await until('the second run', () => runs.length === 2);
    runs[1]!.done.resolve({ reason: 'failed', error: new CodedError('VD_TEST', 'no picture', 'Plug it in') });
    await until('the third run', () => runs.length === 3);
    await source.stop('disabled');
    expect(reports).toEqual(['starting', 'retrying: unplugged', 'starting', 'retrying: VD_TEST: no picture. Plug it in', 'starting']);
    expect(ended).toEqual(['source-ended', 'source-ended', 'disabled']);
  });

  it('does not open what its probe refuses', async () => {
    let opened = 0;
    const { source, reports } = supervise({
      probe: () => Promise.reject(new CodedError('VD_TEST', 'no device')),
      open: async () => {
        opened++;
        return runningSource().running;
      },
    });
    await until('two tries', () => reports.filter((report) => report === 'retrying: VD_TEST: no device').length >= 2);
    await source.stop('disabled');
    expect(opened).toBe(0);
  });

  it('gives up an opening that takes too long, and stops it when it comes after all', async () => {
    const late = Promise.withResolvers<RunningSource>();
    const { running, done } = runningSource();
    let tries = 0;
    const { source, reports } = supervise({ open: () => (++tries === 1 ? late.promise : Promise.reject(new Error('gone'))) });
    await until('the time-out', () => reports.some((report) => report.includes('VD_INGEST_SOURCE_TIMEOUT')));
    late.resolve(running);
    expect(await done.promise).toEqual({ reason: 'opened too late' });
    await source.stop('disabled');
  });

  it('leaves behind a source that does not stop, its epochs ended', async () => {
    const { source, ended, logger } = supervise({
      open: async () => ({ done: new Promise(() => undefined), stop: () => new Promise<void>(() => undefined) }),
    });
    await source.stop('disabled');
    expect(ended).toEqual(['disabled']);
    expect(logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('ends its wait at once when it is stopped', async () => {
    const { source, reports } = supervise({ open: () => Promise.reject(new Error('no')) });
    await until('a wait', () => reports.length >= 2);
    await source.stop('disabled');
    const count = reports.length;
    await new Promise((resolve) => setImmediate(resolve));
    expect(reports).toHaveLength(count);
  });
});

describe('StreamStates', () => {
  it('keeps the latest state while the database is away, and says each once', async () => {
    const store = new FakeStreamStore();
    const stream = await store.create({ name: 'cam', title: 'Cam', adapterId: 'webcam' });
    const logger = new SilentLogger();
    const states = new StreamStates(store, { id: 'ingest-1', name: 'one' }, logger);
    store.down = new Error('no database');
    states.report(stream.id, 'starting');
    await until('a failed write', () => logger.lines.length > 0);
    states.report(stream.id, 'retrying', 'no device');
    states.report(stream.id, 'live');
    store.down = null;
    await states.flushed();
    states.report(stream.id, 'live');
    await states.flushed();
    expect(store.states.map(({ state }) => state)).toEqual(['live']);
  });
});
