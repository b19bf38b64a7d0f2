import { describe, expect, it } from 'vitest';
import type { StreamCollections } from '../api/models';
import { T0, aDetection, aMetric, anEvent, anObservation, aRun, aSegment, at, finished } from '../testing/wire-samples';
import { StreamView, mergeEvents } from './stream-view';

type Collections = { [K in keyof StreamCollections]?: StreamCollections[K][] };

function viewOf(collections: Collections = {}, nowMs = T0 + 10_000) {
  const asked: string[] = [];
  const errors: unknown[] = [];
  const pages = async <K extends keyof StreamCollections>(_: string, collection: K): Promise<StreamCollections[K][]> => {
    asked.push(collection);
    return (collections[collection] ?? []) as StreamCollections[K][];
  };
  const clock = { nowMs };
  const view = new StreamView(
    'stream-1',
    { pages },
    () => clock.nowMs,
    (error) => errors.push(error),
  );
  return { view, asked, errors, clock };
}

describe(StreamView.name, () => {
  it('gives the same whether results come by REST, by feed, or by both', async () => {
    const segment = aSegment(0);
    const results = {
      detections: [aDetection(1_466_667)],
      metrics: [aMetric(0, 0.4)],
      events: [anEvent(1)],
      observations: [anObservation(0)],
    };
    const { view } = viewOf({ segments: [segment], runs: [aRun(0)], ...results });
    await view.load();
    view.around(T0 + 500);
    await expect.poll(() => view.detections.size).toBe(1);
    await view.loadEvents(T0, T0 + 10_000);
    view.apply({ type: 'segment.ready', cursor: '1', segment });
    view.apply(finished(aRun(0), results));
    view.apply(finished(aRun(0), results));
    expect(view.detections.size).toBe(1);
    expect(view.metrics()).toHaveLength(1);
    expect(view.metrics()[0]?.points.length).toBe(1);
    expect(view.events()).toHaveLength(1);
    expect(view.observations()).toHaveLength(1);
    expect(view.runsByState()).toEqual({ done: 1 });
  });

  it('ignores what belongs to another stream', () => {
    const { view } = viewOf();
    view.apply({ type: 'segment.ready', cursor: '1', segment: aSegment(0, { streamId: 'other' }) });
    view.apply(finished(aRun(0, { streamId: 'other' }), { detections: [aDetection(0, { streamId: 'other' })] }));
    expect(view.segments.size).toBe(0);
    expect(view.detections.size).toBe(0);
  });

  it('discovers metrics by name and unit as they arrive', () => {
    const { view } = viewOf();
    view.apply(finished(aRun(0), { metrics: [aMetric(0, 1), aMetric(0, 2, { name: 'motion' }), aMetric(100, 3)] }));
    expect(view.metrics().map((series) => [series.name, series.points.length])).toEqual([
      ['brightness', 2],
      ['motion', 1],
    ]);
  });

  it('calls a segment waiting until every analyzer it expects has ended, then ready', () => {
    const { view } = viewOf();
    for (const sequence of [0, 1]) view.apply({ type: 'segment.ready', cursor: '1', segment: aSegment(sequence) });
    const entry = view.segments.get('epoch-1', 1)!;
    expect(view.coverage(entry)).toEqual({ kind: 'none' });
    view.apply(finished(aRun(0)));
    view.apply(finished(aRun(0, { analyzerId: 'picture' })));
    expect(view.coverage(entry)).toEqual({ kind: 'waiting', analyzerIds: ['objects', 'picture'] });
    view.apply(finished(aRun(1)));
    expect(view.coverage(entry)).toEqual({ kind: 'waiting', analyzerIds: ['picture'] });
    view.apply(finished(aRun(1, { analyzerId: 'picture' })));
    expect(view.coverage(entry)).toMatchObject({ kind: 'ready', runs: [{ analyzerId: 'objects' }, { analyzerId: 'picture' }] });
    expect(view.analysedToMs()).toBe(T0 + 4_000);
  });

  it('says when results are lacking instead of calling it nothing seen', () => {
    const { view } = viewOf();
    view.apply({ type: 'segment.ready', cursor: '1', segment: aSegment(0) });
    view.apply(finished(aRun(0, { state: 'skipped', reason: 'overload' })));
    expect(view.coverage(view.segments.get('epoch-1', 0)!)).toMatchObject({ kind: 'lacking', runs: [{ reason: 'overload' }] });
  });

  it('does not take a queued run for an ended one', async () => {
    const { view } = viewOf({ segments: [aSegment(0)], runs: [aRun(0, { state: 'queued', framesSeen: null })] });
    await view.load();
    view.around(T0 + 500);
    await expect.poll(() => view.coverage(view.segments.get('epoch-1', 0)!).kind).toBe('waiting');
    expect(view.runsByState()).toEqual({});
  });

  it('fetches what one message could not carry', async () => {
    const { view, asked } = viewOf({ detections: [aDetection(1_500_000)] });
    view.apply({ type: 'segment.ready', cursor: '1', segment: aSegment(0) });
    view.apply(finished(aRun(0), { truncated: true }));
    await expect.poll(() => view.detections.size).toBe(1);
    expect(asked).toEqual(['detections', 'metrics', 'observations']);
  });

  it('closes the event that the end of its epoch ended, and no other', () => {
    const { view } = viewOf();
    view.apply(finished(aRun(0), { events: [anEvent(1), anEvent(2, { epochId: 'epoch-2' })] }));
    view.apply({ type: 'event.closed', cursor: '2', event: anEvent(1, { state: 'closed', endAt: at(5_000), endReason: 'epoch-ended' }) });
    expect(view.events().map((event) => [event.id, event.state, event.endAt])).toEqual([
      ['2', 'open', null],
      ['1', 'closed', at(5_000)],
    ]);
  });

  it('fetches again for an unknown segment, but not in a hurry', async () => {
    const { view, asked, clock } = viewOf();
    await view.load();
    const once = asked.length;
    view.miss();
    expect(asked).toHaveLength(once);
    clock.nowMs += 5_000;
    view.miss();
    expect(asked.length).toBeGreaterThan(once);
  });

  it('fetches the past by the piece that is looked at, once, and nothing of what the feed tells', async () => {
    const { view, asked } = viewOf({ segments: [aSegment(0)], detections: [aDetection(1_466_667)] }, T0 + 600_000);
    view.around(T0 + 1_000);
    view.around(T0 + 1_200);
    await expect.poll(() => view.detections.size).toBe(1);
    await expect.poll(() => asked.filter((collection) => collection === 'metrics').length).toBe(2);
    expect(asked.filter((collection) => collection === 'detections')).toHaveLength(2);
    await view.load();
    const before = asked.length;
    for (const sinceMs of [592_000, 596_000, 599_000]) view.around(T0 + sinceMs);
    expect(asked.slice(before)).toEqual(['runs', 'detections', 'observations']);
  });

  it('knows a displayed segment of the past once it was missed', async () => {
    const { view } = viewOf({ segments: [aSegment(0)] }, T0 + 600_000);
    await view.load();
    view.segments.clear();
    view.miss(T0 + 500);
    await expect.poll(() => view.segments.size).toBe(1);
  });

  it('reports a failed fetch and takes nothing after it was closed', async () => {
    const errors: unknown[] = [];
    const failing = new StreamView(
      'stream-1',
      { pages: () => Promise.reject(new Error('down')) },
      () => T0,
      (error) => errors.push(error),
    );
    await failing.load();
    expect(errors).toHaveLength(1);
    expect(failing.loading()).toBe(false);

    const { view } = viewOf({ segments: [aSegment(0)] });
    const loading = view.load();
    view.close();
    await loading;
    expect(view.segments.size).toBe(0);
  });

  it('is bounded in events and observations', () => {
    const { view } = viewOf();
    view.apply(finished(aRun(0), { events: Array.from({ length: 500 }, (_, i) => anEvent(i, { state: 'closed' })) }));
    view.apply(finished(aRun(0), { observations: Array.from({ length: 900 }, (_, i) => anObservation(i, { ordinal: i })) }));
    expect(view.events()).toHaveLength(200);
    expect(view.events()[0]?.id).toBe('499');
    expect(view.observations()).toHaveLength(600);
  });
});

describe(mergeEvents.name, () => {
  it('puts open events first, then the newest', () => {
    const merged = mergeEvents([anEvent(1), anEvent(9, { state: 'closed' })], [anEvent(5), anEvent(12, { state: 'closed' })]);
    expect(merged.map((event) => event.id)).toEqual(['5', '1', '12', '9']);
  });

  it('never opens a closed event again when an older message comes late', () => {
    expect(mergeEvents([anEvent(1, { state: 'closed' })], [anEvent(1)])[0]?.state).toBe('closed');
  });
});
