import { describe, expect, it } from 'vitest';
import type { TimelineQueryWire } from '../../api/models';
import { StreamView } from '../../core/stream-view';
import { T0, aMetric, aRun, at, finished } from '../../testing/wire-samples';
import { MetricHistory } from './metric-history';

describe(MetricHistory.name, () => {
  it('asks once for each measure that is shown, and puts its means where the course lacks them', async () => {
    const view = new StreamView(
      'stream-1',
      { pages: async () => [] },
      () => T0 + 3_600_000,
      () => undefined,
    );
    view.apply(finished(aRun(0), { metrics: [aMetric(60_000, 0.9)] }));
    const asked: TimelineQueryWire[] = [];
    const history = new MetricHistory(
      view,
      {
        timeline: async (_, query) => {
          asked.push(query);
          const buckets = [{ index: 0, count: 2, mean: 0.25, lowest: 0, highest: 1 }];
          const series = [{ kind: 'metrics' as const, analyzerId: 'objects', name: 'brightness', buckets }];
          return { from: String(query.from), to: String(query.to), bucketMs: 2_000, pending: [], series };
        },
      },
      () => T0 + 3_600_000,
    );
    await history.fill(['brightness'], T0, T0 + 119_000);
    await history.fill(['brightness'], T0, T0 + 119_000);
    expect(asked).toEqual([{ from: at(0), to: at(120_000), step: '2s', parts: 'series', name: 'brightness' }]);
    const { points } = view.metrics()[0]!;
    expect(points.at(T0 + 1_500)).toEqual({ timeMs: T0 + 1_000, value: 0.25 });
    expect(points.length).toBe(2);
  });
});
