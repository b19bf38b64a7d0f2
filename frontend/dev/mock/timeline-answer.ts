import type { TimelineWire } from '../../src/app/api/models';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** All is recorded since the stream is there, and done; nothing happened. */
export function timelineOf(query: URLSearchParams, sinceMs: number): TimelineWire {
  const [, count = '1', unit = 'm'] = /^(\d+)([smh])$/.exec(query.get('step') ?? '') ?? [];
  const bucketMs = Number(count) * UNIT_MS[unit]!;
  const [fromMs, toMs] = [query.get('from'), query.get('to')].map((text) => Date.parse(text ?? '')) as [number, number];
  const parts = (query.get('parts') ?? '').split(',');
  const indexes = Array.from({ length: Math.ceil((toMs - fromMs) / bucketMs) }, (_, index) => index).filter(
    (index) => fromMs + (index + 1) * bucketMs > sinceMs,
  );
  const nothing = { partial: 0, waiting: 0, skipped: 0, failed: 0, notAsked: 0, why: [] };
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    bucketMs,
    pending: [],
    ...(parts.includes('recorded') && {
      recorded: indexes.map((index) => ({ index, share: 1, deleted: 0, lost: 0, unreadable: 0 })),
      motion: null,
      events: [],
    }),
    ...(parts.includes('coverage') && {
      coverage: [
        { analyzerId: 'objects', isLoaded: true, buckets: indexes.map((index) => ({ index, done: bucketMs / 1000, ...nothing })) },
      ],
      reasons: [],
    }),
    ...(parts.includes('series') && { series: [] }),
  };
}
