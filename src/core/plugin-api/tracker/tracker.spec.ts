import { describe, expect, it } from 'vitest';
import { motionScene, seededRandom } from '../../../../test/support/tracking/motion-scene.js';
import { type MotScore, motScore } from '../../../../test/support/tracking/mot-metrics.js';
import { Box, type JsonValue, MAX_LIVE_TRACKS, type Trackable, Tracker, type TrackingSpec } from '../index.js';

const SPEC: TrackingSpec = { startScore: 0.5, continueScore: 0.1, minIou: 0.2, maxGapMs: 2_000, minHits: 1 };
const FRAME_US = 200_000;
const box = (x: number, y = 0.4, score = 0.9, label = 'person', size = 0.1): Trackable => ({
  label,
  score,
  box: Box.from01(x, y, size, size),
});
const throughJson = (state: JsonValue): JsonValue => JSON.parse(JSON.stringify(state)) as JsonValue;

describe(Tracker.name, () => {
  it('keeps the identities of two that pass through each other at different heights and speeds', () => {
    const tracker = new Tracker(SPEC);
    const ids = Array.from({ length: 21 }, (_, n) => tracker.update(n * FRAME_US, [box(0.1 + n * 0.03), box(0.7 - n * 0.03, 0.43)]));
    expect(new Set(ids.map(([right]) => right))).toEqual(new Set(['1']));
    expect(new Set(ids.map(([, left]) => left))).toEqual(new Set(['2']));
  });

  it('finds an object again behind what hid it, where it would have gone', () => {
    const tracker = new Tracker(SPEC);
    for (let n = 0; n < 5; n++) tracker.update(n * FRAME_US, [box(0.1 + n * 0.03)]);
    // 1.2 s unseen while another object stands elsewhere: 0.21 further on it overlaps with nothing but its prediction.
    for (let n = 5; n < 11; n++) tracker.update(n * FRAME_US, [box(0.8, 0.8)]);
    expect(tracker.update(11 * FRAME_US, [box(0.1 + 11 * 0.03)])).toEqual(['1']);
  });

  it('forgets it after the longest gap, and counts on', () => {
    const tracker = new Tracker(SPEC);
    tracker.update(0, [box(0.1)]);
    expect(tracker.update(2_000_000, [box(0.1)])).toEqual(['1']);
    expect(tracker.update(4_000_001, [box(0.1)])).toEqual(['2']);
    expect(tracker.liveCount).toBe(1);
  });

  it('lets low scores continue a track, never begin one, and never those below the floor', () => {
    const tracker = new Tracker(SPEC);
    expect(tracker.update(0, [box(0.1, 0.4, 0.3)])).toEqual([undefined]);
    expect(tracker.update(FRAME_US, [box(0.1)])).toEqual(['1']);
    expect(tracker.update(2 * FRAME_US, [box(0.11, 0.4, 0.3)])).toEqual(['1']);
    expect(tracker.update(3 * FRAME_US, [box(0.12, 0.4, 0.12)])).toEqual(['1']);
    expect(tracker.update(4 * FRAME_US, [box(0.13, 0.4, 0.05)])).toEqual([undefined]);
  });

  it('prefers a box of high score to a nearer one of low score', () => {
    const tracker = new Tracker(SPEC);
    tracker.update(0, [box(0.1)]);
    expect(tracker.update(FRAME_US, [box(0.1, 0.4, 0.3), box(0.13)])).toEqual([undefined, '1']);
  });

  it('never gives a track of one label to a box of another, however long their names', () => {
    const tracker = new Tracker(SPEC);
    const long = 'x'.repeat(200);
    expect(tracker.update(0, [box(0.1), box(0.5, 0.4, 0.9, `${long}a`)])).toEqual(['1', '2']);
    expect(tracker.update(FRAME_US, [box(0.1, 0.4, 0.9, 'car'), box(0.5, 0.4, 0.9, `${long}b`)])).toEqual(['3', '4']);
    expect(tracker.update(2 * FRAME_US, [box(0.1), box(0.5, 0.4, 0.9, `${long}a`)])).toEqual(['1', '2']);
  });

  it('predicts over irregular times: the path counts, not the number of frames', () => {
    const timesMs = [0, 200, 250, 600, 640, 1_300, 1_340, 2_100];
    const tracker = new Tracker({ ...SPEC, minIou: 0.3 });
    const ids = timesMs.map((ms) => tracker.update(ms * 1_000, [box(0.05 + (ms / 1_000) * 0.2)])[0]);
    // 0.2 frame widths per second and a box of 0.1: from 1.34 s to 2.1 s it moves by more than its own size.
    expect(new Set(ids)).toEqual(new Set(['1']));
  });

  it('gives an id from the hit that makes the track count, and drops a tentative one that is missed', () => {
    const tracker = new Tracker({ ...SPEC, minHits: 3 });
    expect([0, 1, 2, 3].map((n) => tracker.update(n * FRAME_US, [box(0.1), ...(n === 0 ? [box(0.7)] : [])])[0])).toEqual([
      undefined,
      undefined,
      '1',
      '1',
    ]);
    expect(tracker.liveCount).toBe(1);
  });

  it('matches for the best total, not for the best pair first', () => {
    const tracker = new Tracker({ ...SPEC, minIou: 0.1 });
    tracker.update(0, [box(0.1), box(0.16)]);
    // The best pair (0.14 with the second, 0.02 off) would leave 0.2 without a partner for the first.
    expect(tracker.update(FRAME_US, [box(0.14), box(0.2)])).toEqual(['1', '2']);
  });

  it('goes on from its state as if nothing had happened, segment after segment', () => {
    const frames = motionScene({ seed: 7, objects: 12, seconds: 20, fps: 5 });
    const warm = new Tracker(SPEC);
    let state: JsonValue | undefined;
    const [inOne, inSegments] = [[] as unknown[], [] as unknown[]];
    for (let from = 0; from < frames.length; from += 10) {
      const tracker = new Tracker(SPEC, { state });
      for (const { ptsUs, detections } of frames.slice(from, from + 10)) {
        inOne.push(warm.update(ptsUs, detections));
        inSegments.push(tracker.update(ptsUs, detections));
      }
      state = throughJson(tracker.state());
      expect(state).toEqual(throughJson(warm.state()));
    }
    expect(inSegments).toEqual(inOne);
    expect(new Set(inOne.flat()).size).toBeGreaterThan(5);
  });

  it.each([
    ['nothing', undefined],
    ['another version', { v: 2 }],
    ['text', 'state'],
    ['a list', []],
    ['tracks that are none', { v: 1, x: '', n: 3, p: 0, l: ['a'], t: [[1, 0]] }],
    ['a number from the future', { v: 1, x: '', n: 1, p: 0, l: ['a'], t: [[7, 0, 1, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0]] }],
  ])('begins afresh from %s', (_, state) => {
    expect(new Tracker(SPEC, { state: state as JsonValue, idPrefix: '12-' }).update(0, [box(0.1)])).toEqual(['12-1']);
  });

  it('leaves frames alone that come too late, and boxes that are none', () => {
    const tracker = new Tracker(SPEC);
    tracker.update(FRAME_US, [box(0.1)]);
    expect(tracker.update(FRAME_US, [box(0.1)])).toEqual([undefined]);
    const bad = [Number.NaN, Infinity].map((x): Trackable => ({ label: 'person', score: 0.9, box: { x, y: 0, width: 0.1, height: 0.1 } }));
    expect(
      tracker.update(2 * FRAME_US, [...bad, { ...box(0.1), score: Number.NaN }, { ...box(0.1), box: Box.from01(0.1, 0.4, 0, 0.1) }]),
    ).toEqual([undefined, undefined, undefined, undefined]);
    expect(tracker.update(3 * FRAME_US, [])).toEqual([]);
  });

  it('has a state that JSON keeps as it is, also where something hardly moves', () => {
    const tracker = new Tracker(SPEC);
    const random = seededRandom(3);
    const numbers = Array.from({ length: 50 }, (_, frame) => {
      tracker.update(frame * FRAME_US, [box(0.3 + (random() - 0.5) * 2e-6)]);
      return (tracker.state() as { t: number[][] }).t.flat();
    }).flat();
    expect(numbers.filter((value) => Object.is(value, -0))).toEqual([]);
  });

  it('stays below 48 kB with as many tracks as it follows, each with a label of its own', () => {
    const tracker = new Tracker({ ...SPEC, maxGapMs: 600_000 });
    const random = seededRandom(1);
    for (let frame = 0; frame < 6; frame++) {
      tracker.update(
        9_000_000_000_000 + frame * FRAME_US,
        Array.from({ length: 100 }, (_, n) => box(random(), random(), 0.9, `\u0001${'é'.repeat(100)}${frame} ${n}`, 0.05)),
      );
    }
    expect(tracker.liveCount).toBe(MAX_LIVE_TRACKS);
    expect(Buffer.byteLength(JSON.stringify(tracker.state()))).toBeLessThan(48_000);
  });

  it(
    'holds its invariants over 1,000 random sequences: an id at most once per frame, numbers that only grow, the same ' + 'answer twice',
    () => {
      for (let seed = 1; seed <= 1_000; seed++) {
        const random = seededRandom(seed);
        const spec: TrackingSpec = {
          startScore: random(),
          continueScore: random() * 0.5,
          minIou: random() * 0.6,
          maxGapMs: random() * 3_000,
          minHits: 1 + Math.floor(random() * 3),
        };
        const frames = Array.from({ length: 12 }, () =>
          Array.from({ length: Math.floor(random() * 9) }, () =>
            box(random(), random(), random(), random() < 0.5 ? 'a' : 'b', 0.05 + random() * 0.4),
          ),
        );
        const times = frames
          .map(() => random() * 800_000)
          .reduce<number[]>((sums, step) => [...sums, (sums.at(-1) ?? 0) + 1 + Math.round(step)], []);
        const run = (): (string | undefined)[][] => {
          const tracker = new Tracker(spec);
          return frames.map((detections, n) => tracker.update(times[n]!, detections));
        };
        const ids = run();
        expect(run()).toEqual(ids);
        let highest = 0;
        const labelOf = new Map<string, string>();
        ids.forEach((frame, n) => {
          const given = frame.filter((id) => id !== undefined);
          expect(new Set(given).size).toBe(given.length);
          frame.forEach((id, index) => {
            const seen = frames[n]![index]!;
            if (seen.score < spec.continueScore) expect(id).toBeUndefined();
            if (id === undefined) return;
            expect(labelOf.get(id) ?? seen.label).toBe(seen.label);
            if (!labelOf.has(id)) expect(Number(id)).toBeGreaterThan(highest);
            labelOf.set(id, seen.label);
          });
          highest = Math.max(highest, ...[...labelOf.keys()].map(Number));
        });
      }
    },
  );

  it('follows generated motion with few identity switches', () => {
    const score = average([101, 102, 103, 104, 105].map((seed) => scored(seed, 5)));
    expect(score.boxes).toBeGreaterThan(5_000);
    // What was measured is in docs/reference/tracking.md; these are floors well below it.
    expect(score.mota).toBeGreaterThan(0.8);
    expect(score.idf1).toBeGreaterThan(0.65);
    expect(score.switches / score.boxes).toBeLessThan(0.015);
  });
});

function scored(seed: number, fps: number): MotScore {
  const tracker = new Tracker(SPEC);
  return motScore(
    motionScene({ seed, objects: 15, seconds: 30, fps }).map(({ ptsUs, truth, detections }) => {
      const ids = tracker.update(ptsUs, detections);
      return { truth, tracked: detections.flatMap(({ box: at }, n) => (ids[n] === undefined ? [] : [{ trackId: ids[n], box: at }])) };
    }),
  );
}

function average(scores: readonly MotScore[]): MotScore {
  const sum = (of: (score: MotScore) => number): number => scores.reduce((total, score) => total + of(score), 0);
  return {
    mota: sum(({ mota }) => mota) / scores.length,
    idf1: sum(({ idf1 }) => idf1) / scores.length,
    switches: sum(({ switches }) => switches),
    misses: sum(({ misses }) => misses),
    falseAlarms: sum(({ falseAlarms }) => falseAlarms),
    boxes: sum(({ boxes }) => boxes),
  };
}
