import type { TimelineWire } from '../../src/core/wire/timeline.wire.js';
import type { SceneRun, SceneValue, TimelineScene } from './timeline-scene.js';

const RANK = ['done', 'partial', 'waiting', 'failed', 'skipped'];
const LOADED = ['vedette.test.look', 'vedette.test.other'];

const overlap = (from: number, to: number, begin: number, end: number): number => Math.max(0, Math.min(to, end) - Math.max(from, begin));
const byKey = <T>(entries: readonly (readonly [string, T])[]): Record<string, T> =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));

/** Numbers added up in another order are the same to so much of them. */
const NEARNESS = 1e-8;

/** For `expect.addEqualityTesters`; undefined: it is not for this to say. */
export function nearlyEqual(a: unknown, b: unknown): boolean | undefined {
  if (typeof a !== 'number' || typeof b !== 'number') return undefined;
  return Math.abs(a - b) <= NEARNESS * Math.max(1, Math.abs(a), Math.abs(b));
}

/** What a timeline says, in a form in which two can be compared: lists by key. */
export function comparable(timeline: TimelineWire): unknown {
  return JSON.parse(
    JSON.stringify({
      ...timeline,
      reasons: undefined,
      events: byKey((timeline.events ?? []).map(({ analyzerId, name, buckets }) => [`${analyzerId} ${name}`, buckets])),
      coverage: byKey(
        (timeline.coverage ?? []).map(({ analyzerId, buckets }) => [
          analyzerId,
          buckets.map((bucket) => ({ ...bucket, why: byKey(bucket.why.map(({ state, code, seconds }) => [`${state} ${code}`, seconds])) })),
        ]),
      ),
      series: byKey((timeline.series ?? []).map(({ kind, analyzerId, name, buckets }) => [`${kind} ${analyzerId} ${name}`, buckets])),
    }),
  );
}

/** The same, added up bucket by bucket and row by row. */
export function byHand(scene: TimelineScene, fromMs: number, toMs: number, stepMs: number): unknown {
  const [from, to] = [Math.floor(fromMs / stepMs) * stepMs, Math.ceil(toMs / stepMs) * stepMs];
  const starts = Array.from({ length: (to - from) / stepMs }, (_, n) => (from + n * stepMs) * 1000);
  const us = stepMs * 1000;
  const each = <T>(make: (begin: number, end: number, index: number) => T | null): T[] =>
    starts.map((begin, index) => make(begin, begin + us, index)).filter((one) => one !== null);
  const values = (kind: SceneValue['kind']): Map<string, SceneValue[]> =>
    Map.groupBy(
      scene.values.filter((one) => one.kind === kind && one.atUs >= from * 1000 && one.atUs < to * 1000),
      ({ analyzerId, name }) => `${kind} ${analyzerId} ${name}`,
    );
  const bucketsOf = (found: readonly SceneValue[]) =>
    each((begin, end, index) => {
      const inside = found.filter(({ atUs }) => atUs >= begin && atUs < end).map(({ value }) => value);
      if (inside.length === 0) return null;
      const sum = inside.reduce((total, value) => total + value, 0);
      return { index, count: inside.length, mean: sum / inside.length, lowest: Math.min(...inside), highest: Math.max(...inside) };
    });
  const series = [...values('detections'), ...values('metrics')].map(([key, found]) => [key, bucketsOf(found)] as const);
  const moving = series.filter(([key]) => key.endsWith(' motion.share')).sort(([a], [b]) => (a < b ? -1 : 1))[0];
  return JSON.parse(
    JSON.stringify({
      ...{ from: new Date(from).toISOString(), to: new Date(to).toISOString(), bucketMs: stepMs, pending: [] },
      recorded: each((begin, end, index) => recordedIn(scene, begin, end, index)),
      motion:
        moving === undefined
          ? null
          : {
              ...{ analyzerId: moving[0].split(' ')[1], metric: 'motion.share' },
              buckets: moving[1].map(({ index, mean, highest }) => ({ index, mean, highest })),
            },
      events: byKey(eventsByHand(scene, each)),
      coverage: byKey(coverageByHand(scene, from * 1000, to * 1000, each)),
      series: byKey(series),
    }),
  );
}

type Each = <T>(make: (begin: number, end: number, index: number) => T | null) => T[];

function recordedIn(scene: TimelineScene, begin: number, end: number, index: number): object | null {
  const touching = scene.segments.filter(({ fromUs, toUs }) => (fromUs >= begin && fromUs < end) || overlap(fromUs, toUs, begin, end) > 0);
  if (touching.length === 0) return null;
  const share = (state: string): number => {
    const total = touching
      .filter((one) => one.state === state)
      .reduce((sum, { fromUs, toUs }) => sum + overlap(fromUs, toUs, begin, end), 0);
    return Math.min(1, total / (end - begin));
  };
  return { index, share: share('ready'), deleted: share('deleted'), lost: share('lost'), unreadable: share('unreadable') };
}

function eventsByHand({ events }: TimelineScene, each: Each): [string, object[]][] {
  const named = Map.groupBy(events, ({ analyzerId, name }) => `${analyzerId} ${name}`);
  return [...named].flatMap(([key, found]): [string, object[]][] => {
    const buckets = each((begin, end, index) => {
      const begun = found.filter(({ fromUs }) => fromUs >= begin && fromUs < end);
      const lasted = found.reduce((sum, { fromUs, toUs }) => sum + overlap(fromUs, toUs ?? Infinity, begin, end), 0);
      return begun.length === 0 && lasted === 0 ? null : { index, count: begun.length, seconds: lasted / 1e6 };
    });
    return buckets.length === 0 ? [] : [[key, buckets]];
  });
}

const stateOf = ({ state }: SceneRun): string => (state === 'queued' || state === 'running' ? 'waiting' : state);
const codeOf = ({ state, reason, errorCode }: SceneRun): string => {
  if (state === 'failed') return errorCode!;
  return { overload: 'overload', 'no_audio: the segment has no sound in AAC': 'no-audio' }[reason!] ?? 'other';
};

function coverageByHand(scene: TimelineScene, fromUs: number, toUs: number, each: Each): [string, object[]][] {
  const touching = scene.segments.filter(
    (one) => (one.fromUs >= fromUs && one.fromUs < toUs) || overlap(one.fromUs, one.toUs, fromUs, toUs) > 0,
  );
  const ids = new Set(touching.map(({ id }) => id));
  const runs = scene.runs.filter(({ segmentId }) => ids.has(segmentId));
  const analyzers = new Set([...runs.map(({ analyzerId }) => analyzerId), ...LOADED]);
  return [...analyzers].map((analyzerId): [string, object[]] => {
    const best = new Map<string, SceneRun>();
    for (const run of runs.filter((one) => one.analyzerId === analyzerId)) {
      const known = best.get(run.segmentId);
      const rank = (one: SceneRun): string =>
        `${RANK.indexOf(stateOf(one))} ${stateOf(one) === 'failed' || stateOf(one) === 'skipped' ? codeOf(one) : ''}`;
      if (known === undefined || rank(run) < rank(known)) best.set(run.segmentId, run);
    }
    const buckets = each((begin, end, index) => {
      const inside = touching.filter((one) => (one.fromUs >= begin && one.fromUs < end) || overlap(one.fromUs, one.toUs, begin, end) > 0);
      if (inside.length === 0) return null;
      const seconds: Record<string, number> = { done: 0, partial: 0, waiting: 0, skipped: 0, failed: 0, notAsked: 0 };
      const why: Record<string, number> = {};
      for (const segment of inside) {
        const us = overlap(segment.fromUs, segment.toUs, begin, end);
        const run = best.get(segment.id);
        const state = run === undefined ? 'notAsked' : stateOf(run);
        seconds[state]! += us;
        if ((state === 'skipped' || state === 'failed') && us > 0)
          why[`${state} ${codeOf(run!)}`] = (why[`${state} ${codeOf(run!)}`] ?? 0) + us;
      }
      const inSeconds = (all: Record<string, number>) => Object.entries(all).map(([key, us]) => [key, us / 1e6] as const);
      return { index, ...Object.fromEntries(inSeconds(seconds)), why: byKey(inSeconds(why)) };
    });
    return [analyzerId, buckets];
  });
}
