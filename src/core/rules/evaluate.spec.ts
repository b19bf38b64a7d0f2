import { describe, expect, it } from 'vitest';
import { motionScene, seededRandom } from '../../../test/support/tracking/motion-scene.js';
import { type AnalysisResult, Box, type EventResult, type JsonValue, Tracker } from '../plugin-api/index.js';
import { endRule, evaluateRule, ruleStateFrom, type RuleState } from './evaluate.js';
import { type Point01, type Rule, RULE_KINDS, type RuleKind, type Sighting } from './rule.js';
import { ruleDraft } from './rule-draft.js';

const S = 1_000_000;
const RIGHT_HALF: Point01[] = [
  [0.5, 0],
  [1, 0],
  [1, 1],
  [0.5, 1],
];
const RULE_ID = '11111111-1111-4111-8111-111111111111';

function rule(kind: RuleKind, params: Record<string, unknown> = {}, more: Partial<Rule> = {}): Rule {
  const points =
    kind === 'line'
      ? ([
          [0.5, 0],
          [0.5, 1],
        ] as Point01[])
      : RIGHT_HALF;
  const draft = ruleDraft({ name: 'Right half', enabled: true, analyzerId: 'a', labels: [], minScore: 0, kind, points, params });
  return { ...draft, id: RULE_ID, revision: 3, streamId: 's', ...more } as Rule;
}

/** A box of a tenth of the frame whose bottom centre is there. */
const at = (seconds: number, x: number, trackId: string | null = '1', more: Partial<Sighting> = {}): Sighting => ({
  ptsUs: Math.round(seconds * S),
  label: 'person',
  score: 0.9,
  box: Box.from01(x - 0.05, 0.4, 0.1, 0.1),
  ...(trackId === null ? {} : { trackId }),
  ...more,
});

/** Media in segments of two seconds, each through JSON like a checkpoint. */
function judge(
  by: Rule,
  sightings: readonly Sighting[],
  seconds: number,
  missing: readonly number[] = [],
): { results: AnalysisResult[]; events: string[]; state: RuleState | undefined } {
  let state: RuleState | undefined;
  const results: AnalysisResult[] = [];
  for (let start = 0; start < seconds; start += 2) {
    if (missing.includes(start)) continue;
    const evaluation = evaluateRule(by, state, {
      ptsStartUs: start * S,
      ptsEndUs: (start + 2) * S,
      sightings: sightings.filter(({ ptsUs }) => ptsUs >= start * S && ptsUs < (start + 2) * S),
    });
    results.push(...evaluation.results);
    state = ruleStateFrom(JSON.parse(JSON.stringify(evaluation.state)) as JsonValue);
    expect(state).toEqual(evaluation.state);
  }
  return { results, state, events: results.filter((result): result is EventResult => result.type === 'event').map(brief) };
}

const brief = ({ phase, ptsUs, data }: EventResult): string =>
  [phase, ptsUs / S, data?.['trackId'] ?? data?.['count'], data?.['direction'] ?? data?.['endedBy']]
    .filter((part) => part !== undefined)
    .join(' ');
const metrics = (results: readonly AnalysisResult[], what: string): [number, number][] =>
  results.flatMap((result) =>
    result.type === 'metric' && result.name === `rule:${RULE_ID}:${what}` ? [[result.ptsUs / S, result.value]] : [],
  );

describe('zone', () => {
  it('lasts from the first frame inside to the first outside by more than the margin', () => {
    const path = [
      [0.2, 0.4],
      [0.4, 0.5],
      [0.6, 0.6],
      [0.8, 0.495],
      [1, 0.6],
      [1.2, 0.48],
      [1.4, 0.4],
    ].map(([t, x]) => at(t!, x!));
    const { events, results } = judge(rule('zone', { margin: 0.01 }), path, 2);
    // At 0.4 s it stands on the left edge, which belongs to the zone; at 0.8 s it is out by half the margin.
    expect(events).toEqual(['start 0.4 1', 'end 1.2 left']);
    expect(results[0]).toMatchObject({
      key: `rule:${RULE_ID}:3:1:400000`,
      name: 'zone',
      data: { ruleId: RULE_ID, ruleName: 'Right half', revision: 3, label: 'person' },
    });
    expect(results[1]).toMatchObject({ key: `rule:${RULE_ID}:3:1:400000`, data: { dwellMs: 800, endedBy: 'left' } });
  });

  it('ends where the track was seen last, however the media is cut into segments', () => {
    const zone = rule('zone', { maxGapMs: 1_000 });
    expect(judge(zone, [at(0.5, 0.7), at(1.5, 0.7)], 6).events).toEqual(['start 0.5 1', 'end 1.5 lost']);
    // Exactly the longest gap is none; a microsecond more is.
    expect(judge(zone, [at(1.5, 0.7), at(2.5, 0.7)], 4).events).toEqual(['start 1.5 1', 'end 2.5 lost']);
    expect(judge(zone, [at(1.5, 0.7), at(2.500001, 0.7)], 4).events).toEqual([
      'start 1.5 1',
      'end 1.5 lost',
      'start 2.500001 1',
      'end 2.500001 lost',
    ]);
  });

  it('takes a jump over media that was not analysed for a time unseen', () => {
    expect(judge(rule('zone'), [at(1.8, 0.7), at(4.2, 0.7)], 6, [2]).events).toEqual(['start 1.8 1', 'end 1.8 lost', 'start 4.2 1']);
    expect(judge(rule('zone', { maxGapMs: 3_000 }), [at(1.8, 0.7), at(4.2, 0.7), at(5, 0.3)], 6, [2]).events).toEqual([
      'start 1.8 1',
      'end 5 left',
    ]);
  });

  it('looks at the labels, scores and tracks it is told to, and at the anchor', () => {
    const cars = rule('zone', {}, { labels: ['car'], minScore: 0.5 });
    const seen = [
      at(0.2, 0.7),
      at(0.2, 0.8, '2', { label: 'car' }),
      at(0.2, 0.9, '3', { label: 'car', score: 0.4 }),
      at(0.2, 0.6, null, { label: 'car' }),
      at(0.2, 0.65, '5', { label: 'car', score: 0.5 }),
    ];
    expect(judge(cars, seen, 2).events).toEqual(['start 0.2 2', 'start 0.2 5']);
    // Bottom at 0.5, centre at 0.45: a zone that ends at 0.47 holds the one, not the other.
    const upper: Point01[] = [
      [0, 0],
      [1, 0],
      [1, 0.47],
      [0, 0.47],
    ];
    expect(judge(rule('zone', { anchor: 'bottom' }, { points: upper }), [at(0.2, 0.7)], 2).events).toEqual([]);
    expect(judge(rule('zone', { anchor: 'centre' }, { points: upper }), [at(0.2, 0.7)], 2).events).toEqual(['start 0.2 1']);
  });

  it('takes the share of the box for the anchor overlap, less the margin for leaving', () => {
    const path = [
      [0.2, 0.49],
      [0.4, 0.5],
      [0.6, 0.49],
      [0.8, 0.47],
    ].map(([t, x]) => at(t!, x!, '1', { box: Box.from01(x! - 0.05, 0.4, 0.1, 0.1) }));
    // Shares 0.4, 0.5, 0.4, 0.2.
    expect(judge(rule('zone', { anchor: 'overlap', minOverlap: 0.49, margin: 0.2 }), path, 2).events).toEqual([
      'start 0.4 1',
      'end 0.8 left',
    ]);
  });
});

describe('dwell', () => {
  const inside = (from: number, to: number): Sighting[] =>
    Array.from({ length: Math.round((to - from) * 5) + 1 }, (_, n) => at(from + n / 5, 0.7));

  it('is told once the time has passed, from the entry on', () => {
    const { results, events } = judge(rule('dwell', { dwellMs: 3_000 }), [...inside(0.4, 5), at(5.2, 0.2)], 6);
    expect(events).toEqual(['start 0.4 1', 'end 5.2 left']);
    expect(results.at(-1)).toMatchObject({ data: { dwellMs: 4_800 } });
  });

  it('is told at exactly the threshold, not a frame before, and not for one who leaves', () => {
    expect(judge(rule('dwell', { dwellMs: 1_000 }), inside(0, 1), 2).events).toEqual(['start 0 1']);
    expect(judge(rule('dwell', { dwellMs: 1_001 }), inside(0, 1), 6).events).toEqual([]);
    expect(judge(rule('dwell', { dwellMs: 1_000 }), [...inside(0, 0.8), at(1, 0.3)], 2).events).toEqual([]);
  });
});

describe('line', () => {
  const walk = (points: readonly (readonly [number, number])[], trackId = '1'): Sighting[] => points.map(([t, x]) => at(t, x, trackId));

  it('tells each crossing with its direction, its time between two frames, and the running counts', () => {
    // The line runs down the screen: its right hand is the left half.
    const { results, events } = judge(
      rule('line', { margin: 0 }),
      [
        ...walk([
          [0, 0.4],
          [0.5, 0.6],
          [3, 0.6],
          [3.5, 0.4],
        ]),
        ...walk(
          [
            [0, 0.4],
            [0.5, 0.45],
            [1.0, 0.55],
          ],
          '2',
        ),
      ],
      4,
    );
    expect(events).toEqual(['start 0.25 1 out', 'end 0.25', 'start 0.75 2 out', 'end 0.75', 'start 3.25 1 in', 'end 3.25']);
    expect(results[0]).toMatchObject({ name: 'line', data: { direction: 'out', in: 0, out: 1 } });
    expect(metrics(results, 'out')).toEqual([
      [0.5, 1],
      [1, 2],
    ]);
    expect(results.find((result) => result.type === 'event' && result.ptsUs === 3.25 * S)).toMatchObject({
      data: { direction: 'in', in: 1, out: 2 },
    });
    expect(metrics(results, 'in')).toEqual([[3.5, 1]]);
  });

  it('waits for the margin, and takes one who turns back for one who did not cross', () => {
    const { events } = judge(
      rule('line', { margin: 0.05 }),
      walk([
        [0, 0.4],
        [0.5, 0.52],
        [1, 0.48],
        [1.5, 0.4],
      ]),
      2,
    );
    expect(events).toEqual([]);
    const there = judge(
      rule('line', { margin: 0.05 }),
      walk([
        [0, 0.4],
        [1, 0.52],
        [2, 0.53],
        [3, 0.6],
      ]),
      4,
    );
    expect(there.events).toHaveLength(2);
    expect(there.events[0]).toMatch(/^start 0\.83333\d* 1 out$/);
    expect(metrics(there.results, 'out')).toEqual([[3, 1]]);
  });

  it('does not join a track over a gap, nor two tracks', () => {
    expect(
      judge(
        rule('line', { margin: 0, maxGapMs: 1_000 }),
        walk([
          [0, 0.4],
          [1.2, 0.6],
        ]),
        2,
      ).events,
    ).toEqual([]);
    expect(judge(rule('line', { margin: 0 }), [...walk([[0, 0.4]]), ...walk([[0.5, 0.6]], '2')], 2).events).toEqual([]);
  });

  it('counts one who stands on it once, when he goes on', () => {
    expect(
      judge(
        rule('line', { margin: 0 }),
        walk([
          [0, 0.4],
          [0.5, 0.5],
          [1, 0.5],
          [1.5, 0.6],
        ]),
        2,
      ).events,
    ).toEqual(['start 1 1 out', 'end 1']);
  });
});

describe('count', () => {
  const crowd = (seconds: number, objects: number): Sighting[] =>
    Array.from({ length: objects }, (_, n) => at(seconds, 0.6 + n * 0.05, null));

  it('counts the most in any one frame of each second, 0 where nothing is seen, and needs no tracks', () => {
    const { results } = judge(rule('count', { objects: 9 }), [...crowd(0.2, 1), ...crowd(0.6, 3), ...crowd(0.8, 2), ...crowd(2, 1)], 4);
    expect(metrics(results, 'count')).toEqual([
      [0, 3],
      [1, 0],
      [2, 1],
      [3, 0],
    ]);
  });

  it('lasts from the first second that holds to the first that does not, told once it held for long enough', () => {
    const seen = [1, 2, 3, 4].flatMap((second) => crowd(second + 0.5, second === 3 ? 3 : 2));
    const { events, results } = judge(rule('count', { objects: 2, forMs: 3_000 }), seen, 8);
    expect(events).toEqual(['start 1 3', 'end 5 left']);
    expect(results.filter(({ type }) => type === 'event').at(-1)).toMatchObject({ data: { durationMs: 4_000, extreme: 3 } });
    expect(judge(rule('count', { objects: 2, forMs: 4_001 }), seen, 8).events).toEqual([]);
  });

  it('can tell that nobody is there', () => {
    expect(
      judge(rule('count', { comparison: 'at-most', objects: 0, forMs: 2_000 }), [...crowd(0.5, 1), ...crowd(4.5, 1)], 8).events,
    ).toEqual(['start 1 0', 'end 4 left', 'start 5 0']);
  });

  it('says nothing of media that was not analysed, and ends over a long stretch of it', () => {
    const nobody = rule('count', { comparison: 'at-most', objects: 0, maxGapMs: 3_000 });
    const short = judge(nobody, [], 8, [2]);
    expect(short.events).toEqual(['start 0 0']);
    expect(metrics(short.results, 'count').map(([second]) => second)).toEqual([0, 1, 4, 5, 6, 7]);
    expect(judge(nobody, [], 8, [2, 4]).events).toEqual(['start 0 0', 'end 2 not-analysed', 'start 6 0']);
  });

  it('is not drowned by a segment that claims to last for days', () => {
    const { results } = evaluateRule(rule('count', { objects: 1, stepMs: 250 }), undefined, {
      ptsStartUs: 0,
      ptsEndUs: 10 * 86_400 * S,
      sightings: [at(0.1, 0.7), at(86_400, 0.7)],
    });
    expect(results.length).toBeLessThan(10);
  });
});

describe(evaluateRule.name, () => {
  it.each(RULE_KINDS)('finds the same by %s whether the media comes in one piece or in many, over generated motion', (kind) => {
    const by = rule(kind, kind === 'dwell' ? { dwellMs: 1_500 } : kind === 'count' ? { objects: 3 } : {});
    const sightings = trackedScene(21);
    const cut = (lengths: readonly number[]): AnalysisResult[] => {
      let state: RuleState | undefined;
      let fromUs = 0;
      return lengths.flatMap((length) => {
        const toUs = fromUs + length;
        const evaluation = evaluateRule(by, state, {
          ptsStartUs: fromUs,
          ptsEndUs: toUs,
          sightings: sightings.filter(({ ptsUs }) => ptsUs >= fromUs && ptsUs < toUs),
        });
        state = evaluation.state;
        fromUs = toUs;
        return evaluation.results;
      });
    };
    const byKey = (results: readonly AnalysisResult[]): string[] => results.map((result) => JSON.stringify(result)).sort();
    const whole = cut([40 * S]);
    expect(whole.length).toBeGreaterThan(5);
    expect(byKey(cut(Array.from({ length: 20 }, () => 2 * S)))).toEqual(byKey(whole));
    expect(byKey(cut([1.3, 7.7, 0.5, 12.5, 18].map((seconds) => seconds * S)))).toEqual(byKey(whole));
  });

  it.each(RULE_KINDS)('ends what %s has open when the rule is changed, and nothing else', (kind) => {
    const by = rule(kind, kind === 'dwell' ? { dwellMs: 200 } : kind === 'count' ? { objects: 1 } : { margin: 0 });
    const { state, events } = judge(by, [at(0.2, 0.4), at(1, 0.7), at(1.6, 0.7)], 2);
    const ends = endRule({ id: by.id, revision: by.revision }, state!, 'rule-changed');
    if (kind === 'line') expect(ends).toEqual([]);
    else expect(ends).toMatchObject([{ phase: 'end', ptsUs: 2 * S, data: { endedBy: 'rule-changed' } }]);
    expect(ends.every(({ key }) => key.startsWith(`rule:${RULE_ID}:3:`))).toBe(true);
    expect(events.filter((event) => event.startsWith('start'))).toHaveLength(1);
  });

  it('tells no more of a segment than anyone can read, and says so', () => {
    const flicker = Array.from({ length: 600 }, (_, n) => at(n * 0.003, 0.7, `t${n}`));
    // 256 tracks are followed at a time; each is gone after the least gap.
    const { results, dropped } = evaluateRule(rule('zone', { maxGapMs: 100 }), undefined, {
      ptsStartUs: 0,
      ptsEndUs: 4 * S,
      sightings: flicker,
    });
    expect(results.filter((result) => result.type === 'event' && result.phase === 'start')).toHaveLength(500);
    expect(dropped).toBeGreaterThan(0);
  });

  it('stays within its bounds over random detections of hundreds of tracks with names of any length', () => {
    const random = seededRandom(3);
    for (const kind of RULE_KINDS) {
      let state: RuleState | undefined;
      for (let segment = 0; segment < 5; segment++) {
        const sightings = Array.from({ length: 2_000 }, () =>
          at(segment * 2 + random() * 2, random(), `${'ü\u0001'.repeat(Math.floor(random() * 120))}${Math.floor(random() * 900)}`),
        );
        const evaluation = evaluateRule(rule(kind, kind === 'dwell' ? { dwellMs: 100 } : kind === 'count' ? { objects: 1 } : {}), state, {
          ptsStartUs: segment * 2 * S,
          ptsEndUs: (segment + 1) * 2 * S,
          sightings,
        });
        state = evaluation.state;
        for (const result of evaluation.results) if (result.type === 'event') expect(result.key.length).toBeLessThanOrEqual(256);
      }
      expect(JSON.stringify(state).length).toBeLessThan(60_000);
    }
  });

  it.each([
    undefined,
    null,
    7,
    'zone',
    [],
    { k: 'zone' },
    { k: 'zone', p: 0, u: 0, t: [[1]] },
    { k: 'line', p: 0, u: 0, t: [['a', 1]] },
    { k: 'count', p: 'x', u: 0 },
  ])('begins afresh from a state like %j', (json) => {
    expect(ruleStateFrom(json as JsonValue)).toBeUndefined();
  });
});

function trackedScene(seed: number): Sighting[] {
  const tracker = new Tracker({ startScore: 0.5, continueScore: 0.1, minIou: 0.2, maxGapMs: 2_000, minHits: 1 });
  return motionScene({ seed, objects: 10, seconds: 38, fps: 5 }).flatMap(({ ptsUs, detections }) => {
    const ids = tracker.update(ptsUs, detections);
    return detections.map((detection, n) => ({ ...detection, ...(ids[n] === undefined ? {} : { trackId: ids[n] }) }));
  });
}
