import { describe, expect, it } from 'vitest';
import type { EventWire } from '../../api/models';
import { T0, anEvent, at } from '../../testing/wire-samples';
import { neighbourEvent } from './event-jump';
import { FragmentTimeline } from './fragment-timeline';
import { pastRange } from './past-range';

describe(pastRange.name, () => {
  it('reaches to both sides of the moment, and fetches what is known around it', async () => {
    const asked: [string, string][] = [];
    const pages = async (_: string, collection: string, query: object) => (asked.push([collection, JSON.stringify(query)]), []);
    const range = pastRange(
      's',
      { atMs: T0 },
      { api: { pages: pages as never }, serverNow: () => T0 + 3_600_000, onError: () => undefined },
    );
    expect(range.url).toBe(`/streaming/s/dvr.m3u8?from=${T0 - 300_000}&to=${T0 + 1_500_000}`);
    await expect
      .poll(() => asked.map(([collection]) => collection))
      .toEqual(expect.arrayContaining(['events', 'segments', 'runs', 'detections']));
    expect(range.view.fedSinceMs).toBe(Infinity);
  });
});

describe(neighbourEvent.name, () => {
  const page = (events: EventWire[]) => ({ page: async () => ({ items: events, next: null }) as never });

  it('is the next one that begins, not one that goes on', async () => {
    const next = await neighbourEvent(page([anEvent(1), anEvent(9), anEvent(12)]), 's', T0 + 5_000, true);
    expect(next?.startAt).toBe(at(9_000));
  });

  it('is the one that began before, and none where there is none', async () => {
    expect((await neighbourEvent(page([anEvent(5), anEvent(3)]), 's', T0 + 5_500, false))?.startAt).toBe(at(3_000));
    expect(await neighbourEvent(page([]), 's', T0, true)).toBeNull();
  });
});

describe(FragmentTimeline.name, () => {
  it('knows where a moment of the wall clock is, over a pause too', () => {
    const timeline = new FragmentTimeline();
    const place = { epochId: 'e', durationSeconds: 2, videoStartSeconds: null };
    timeline.put({ ...place, sequence: 0, startSeconds: 10, atMs: T0 });
    timeline.put({ ...place, sequence: 1, startSeconds: 12, atMs: T0 + 60_000 });
    expect(timeline.mediaTimeAt(T0 + 500)).toBe(10.5);
    expect(timeline.mediaTimeAt(T0 + 61_000)).toBe(13);
    expect(timeline.mediaTimeAt(T0 + 30_000)).toBeNull();
    expect(timeline.spanMs).toEqual({ fromMs: T0, toMs: T0 + 62_000 });
    expect(new FragmentTimeline().spanMs).toBeNull();
  });
});
