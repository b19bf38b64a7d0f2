import { beforeEach, describe, expect, it } from 'vitest';
import type { TimelineQueryWire, TimelineWire } from '../../api/models';
import { readCoverage, fixOf } from './coverage-reading';
import { rowsOf, LANES_SHOWN } from './timeline-rows';
import { TimelineStore, type TimelineModel } from './timeline-store';

const NOW = Date.parse('2026-11-28T10:00:00Z');
const HOUR_MS = 3_600_000;
const hour = { fromMs: NOW - HOUR_MS, toMs: NOW };

let nowMs: number;
let asked: TimelineQueryWire[];
let refusal: Error | null;
let store: TimelineStore;

const bucket = { done: 60, partial: 0, waiting: 0, skipped: 0, failed: 0, notAsked: 0, why: [] };
/** Everything is recorded, and one event is in the first bucket of each answer. */
function answer(query: TimelineQueryWire): TimelineWire {
  const bucketMs = String(query.step).endsWith('s') ? parseInt(String(query.step)) * 1_000 : parseInt(String(query.step)) * 60_000;
  const [from, to] = [String(query.from), String(query.to)];
  const count = Math.ceil((Date.parse(to) - Date.parse(from)) / bucketMs);
  const indexes = Array.from({ length: count }, (_, index) => index);
  const base = { from, to, bucketMs, pending: [] };
  if (query.parts === ('coverage' as never)) {
    const coverage = [{ analyzerId: 'objects', isLoaded: true, buckets: indexes.map((index) => ({ index, ...bucket })) }];
    return { ...base, coverage, reasons: [{ code: 'overload', text: 'Too much' }] };
  }
  return {
    ...base,
    recorded: indexes.map((index) => ({ index, share: 1, deleted: 0, lost: 0, unreadable: 0 })),
    motion: { analyzerId: 'motion', metric: 'motion.share', buckets: [] },
    events: [{ analyzerId: 'objects', name: 'person', buckets: [{ index: 0, count: 1, seconds: 2 }] }],
  };
}

beforeEach(() => {
  nowMs = NOW;
  asked = [];
  refusal = null;
  store = new TimelineStore(
    's',
    {
      timeline: async (_, query) => {
        asked.push(query);
        if (refusal) throw refusal;
        return answer(query);
      },
    },
    () => nowMs,
  );
});

const settled = async (): Promise<void> => {
  await expect.poll(() => store.revision()).toBe(asked.length);
};

describe(TimelineStore.name, () => {
  it('fetches each part once for a zoom level, and tells all of the span', async () => {
    store.ensure(hour);
    store.ensure(hour);
    await settled();
    expect(asked.map(({ parts, step }) => [parts, step])).toEqual([
      ['recorded,motion,events', '1m'],
      ['coverage', '5m'],
    ]);
    const model = store.model(hour);
    expect(model.isComplete).toBe(true);
    expect(model.recorded.filter(({ atMs }) => atMs >= hour.fromMs && atMs < hour.toMs)).toHaveLength(60);
    expect(model.coverage.map(({ analyzerId }) => analyzerId)).toEqual(['objects']);
    expect(store.reasons.get('overload')).toBe('Too much');
  });

  it('asks again for what is near the present, and not for what is settled', async () => {
    store.ensure(hour);
    await settled();
    asked.length = 0;
    nowMs += 15_000;
    store.ensure(hour);
    expect(asked.length).toBeGreaterThan(0);
    for (const { from } of asked) expect(Date.parse(String(from))).toBeGreaterThan(hour.fromMs + 30 * 60_000 - 100 * 60_000);
    await expect.poll(() => store.model(hour).isComplete).toBe(true);
    asked.length = 0;
    store.ensure(hour);
    expect(asked).toEqual([]);
  });

  it('shows what it has of another zoom level until the wanted one comes', async () => {
    store.ensure(hour);
    await settled();
    expect(store.model(hour).stepMs).toBe(60_000);
    const day = { fromMs: NOW - 24 * HOUR_MS, toMs: NOW };
    expect(store.model(day)).toMatchObject({ stepMs: 60_000, isComplete: false });
    expect(store.model(day).recorded.length).toBeGreaterThan(0);
  });

  it('says what went wrong, and tries again', async () => {
    refusal = new Error('down');
    store.ensure(hour);
    await settled();
    expect(store.problem()).not.toBeNull();
    refusal = null;
    store.ensure(hour);
    await expect.poll(() => store.problem()).toBeNull();
    await expect.poll(() => store.model(hour).isComplete).toBe(true);
  });

  it('asks for everything anew where the past was changed', async () => {
    store.ensure(hour);
    await settled();
    store.forget();
    asked.length = 0;
    store.ensure(hour);
    expect(asked).toHaveLength(2);
  });
});

describe(rowsOf.name, () => {
  const lane = (name: string, seconds: number) => ({
    key: name,
    analyzerId: 'a',
    name,
    buckets: [{ index: 0, atMs: 0, count: 1, seconds }],
  });
  const model = (names: number): TimelineModel => ({
    ...{ stepMs: 1, coverageStepMs: 1, recorded: [], motion: [], isComplete: true },
    events: Array.from({ length: names }, (_, i) => lane(`e${i}`, i)),
    coverage: [{ analyzerId: 'objects', isLoaded: true, buckets: [] }],
  });

  it('has a row for each kind of event while there is room, then for those that last longest and one for the others', () => {
    expect(rowsOf(model(2), false).map(({ row }) => row.kind)).toEqual(['ruler', 'recorded', 'events', 'events', 'coverage-all']);
    const rows = rowsOf(model(9), true).map(({ row }) => row);
    expect(rows.filter(({ kind }) => kind === 'events')).toHaveLength(LANES_SHOWN - 1);
    expect(rows.find((row) => row.kind === 'other-events')).toMatchObject({ lanes: { length: 10 - LANES_SHOWN } });
    expect(rows.at(-1)).toMatchObject({ kind: 'coverage', lane: { analyzerId: 'objects' } });
  });
});

describe(readCoverage.name, () => {
  it('tells of a moment what became of its media, the gravest reason first', () => {
    const why = [
      { state: 'skipped' as const, code: 'no-motion', seconds: 40 },
      { state: 'skipped' as const, code: 'overload', seconds: 10 },
      { state: 'failed' as const, code: 'VD_MEDIA_DAMAGED', seconds: 2 },
    ];
    const buckets = [{ index: 0, atMs: 1_000, ...bucket, why }];
    const [reading] = readCoverage([{ analyzerId: 'objects', isLoaded: true, buckets }], 1_500, 1_000);
    expect(reading?.why.map(({ code }) => code)).toEqual(['VD_MEDIA_DAMAGED', 'overload', 'no-motion']);
    expect(reading?.why.map(fixOf)).toEqual(['again', 'overload', 'nothing']);
    expect(readCoverage([{ analyzerId: 'objects', isLoaded: true, buckets }], 2_500, 1_000)).toEqual([]);
  });
});
