import { describe, expect, it } from 'vitest';
import { retentionConfig } from '../config/retention-config.js';
import type { KeptSegment } from '../persistence/retention/media-inventory.js';
import type { StreamRetention } from '../persistence/retention/stream-retention.js';
import { limitsOf } from './stream-limits.js';
import { planMedia, type MediaFacts } from './media-plan.js';

const DAY_MS = 86_400_000;
const NOW = 1_000 * DAY_MS;
const config = retentionConfig.parse({});

/** Segments of ten bytes and two seconds. */
const segments = (streamId: string, fromMs: number, count: number): KeptSegment[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `${streamId}${fromMs}-${i}`,
    streamId,
    sizeBytes: 10,
    startMs: fromMs + i * 2_000,
    endMs: fromMs + (i + 1) * 2_000,
  }));

const facts = (over: Partial<Omit<MediaFacts, 'limitsOf'>> & { own?: Record<string, StreamRetention> } = {}): MediaFacts => {
  const { own = {}, oldest = { ordinary: [], event: [] }, ...rest } = over;
  const bytesByStream = new Map<string, number>();
  for (const { streamId, sizeBytes } of [...oldest.ordinary, ...oldest.event])
    bytesByStream.set(streamId, (bytesByStream.get(streamId) ?? 0) + sizeBytes);
  return {
    ...{ nowMs: NOW, protectedFromMs: NOW - 60_000, maxBytes: null, shortBytes: 0, bytesByStream, oldest },
    hasMore: { ordinary: new Set(), event: new Set() },
    limitsOf: (streamId) => limitsOf(config, own[streamId]),
    ...rest,
  };
};
const summary = (plan: ReturnType<typeof planMedia>): string[] => plan.map(({ segment, rank, why }) => `${segment.id} ${rank} ${why}`);

describe('planMedia', () => {
  it('leaves what is within its limits', () => {
    expect(
      planMedia(facts({ oldest: { ordinary: segments('a', NOW - 29 * DAY_MS, 3), event: segments('a', NOW - 89 * DAY_MS, 2) } })),
    ).toEqual([]);
  });

  it('takes what is too old, by the rank that it has and the stream that it is of', () => {
    const oldest = {
      ordinary: [...segments('a', NOW - 30 * DAY_MS - 3_000, 3), ...segments('b', NOW - 2 * DAY_MS, 1), ...segments('c', 0, 1)],
      event: segments('a', NOW - 90 * DAY_MS - 2_001, 2),
    };
    const own = { b: { maxAgeMs: DAY_MS }, c: { maxAgeMs: null } };
    expect(summary(planMedia(facts({ oldest, own })))).toEqual([
      `a${NOW - 30 * DAY_MS - 3_000}-0 ordinary age`,
      `b${NOW - 2 * DAY_MS}-0 ordinary age`,
      `a${NOW - 90 * DAY_MS - 2_001}-0 event age`,
    ]);
  });

  it('takes the oldest of a stream beyond its quota, and of no other; what has events last', () => {
    const oldest = {
      ordinary: [...segments('a', NOW - DAY_MS, 3), ...segments('b', NOW - 2 * DAY_MS, 3)],
      event: segments('a', NOW - 5 * DAY_MS, 2),
    };
    expect(summary(planMedia(facts({ oldest, own: { a: { maxSizeBytes: 15 } } })))).toEqual([
      ...[0, 1, 2].map((i) => `a${NOW - DAY_MS}-${i} ordinary quota`),
      `a${NOW - 5 * DAY_MS}-0 event quota`,
    ]);
  });

  it('takes the oldest of all while there is too much, or too little room', () => {
    const ordinary = [...segments('a', 10_000, 3), ...segments('b', 11_000, 3)];
    const oldest = { ordinary, event: [] };
    expect(summary(planMedia(facts({ oldest, maxBytes: 30, own: { a: { maxAgeMs: null }, b: { maxAgeMs: null } } })))).toEqual([
      ...['a10000-0', 'b11000-0', 'a10000-1'].map((id) => `${id} ordinary size`),
    ]);
    const room = planMedia(facts({ oldest, shortBytes: 35, own: { a: { maxAgeMs: null }, b: { maxAgeMs: null } } }));
    expect(room.map(({ why }) => why)).toEqual(['disk', 'disk', 'disk', 'disk']);
  });

  it('counts what goes for one reason towards the next: nothing goes twice, or for nothing', () => {
    const oldest = { ordinary: segments('a', 0, 6), event: [] };
    const plan = planMedia(facts({ oldest, shortBytes: 60, maxBytes: 0 }));
    expect(plan).toHaveLength(6);
    expect(new Set(plan.map(({ why }) => why))).toEqual(new Set(['age']));
  });

  it('takes nothing that is live, whatever is missing', () => {
    const live = segments('a', NOW - 60_000, 30);
    expect(
      planMedia(facts({ oldest: { ordinary: live, event: [] }, shortBytes: 1e9, maxBytes: 0, own: { a: { maxSizeBytes: 0 } } })),
    ).toEqual([]);
  });

  it('does not take what has events while there may be others that it does not see', () => {
    const oldest = { ordinary: segments('a', NOW - DAY_MS, 2), event: segments('a', NOW - 2 * DAY_MS, 2) };
    const hasMore = { ordinary: new Set(['a']), event: new Set<string>() };
    expect(planMedia(facts({ oldest, hasMore, shortBytes: 1e9 })).map(({ rank }) => rank)).toEqual(['ordinary', 'ordinary']);
    expect(planMedia(facts({ oldest, hasMore, own: { a: { maxSizeBytes: 5 } } })).map(({ rank }) => rank)).toEqual([
      'ordinary',
      'ordinary',
    ]);
    expect(planMedia(facts({ oldest, shortBytes: 1e9 })).map(({ rank }) => rank)).toEqual(['ordinary', 'ordinary', 'event', 'event']);
  });

  it('goes no further than it sees of each stream: another may have older ones', () => {
    const oldest = { ordinary: [...segments('a', 0, 2), ...segments('b', 1_000_000, 3)], event: [] };
    const own = { a: { maxAgeMs: null }, b: { maxAgeMs: null } };
    const hasMore = { ordinary: new Set(['a']), event: new Set<string>() };
    expect(summary(planMedia(facts({ oldest, own, hasMore, shortBytes: 1e9 })))).toEqual(['a0-0 ordinary disk', 'a0-1 ordinary disk']);
  });
});
