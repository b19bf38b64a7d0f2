import { describe, expect, it, vi } from 'vitest';
import { motionScene } from '../../../test/support/tracking/motion-scene.js';
import type { ClaimedRun, ClaimedSegment } from '../persistence/ledger/run-ledger.js';
import {
  Box,
  flawOfJson,
  flawOfResults,
  RESULT_LIMITS,
  type DetectionResult,
  type JsonValue,
  type Logger,
  type TaskOutcome,
  type TrackingSpec,
} from '../plugin-api/index.js';
import type { RegisteredAnalyzer } from '../plugin-host/plugin-registry.js';
import type { Rule } from '../rules/rule.js';
import { ruleDraft } from '../rules/rule-draft.js';
import { ResultStage } from './result-stage.js';
import { readRunState, writeRunState } from './run-state.js';

const TRACKING: TrackingSpec = { startScore: 0.5, continueScore: 0.1, minIou: 0.2, maxGapMs: 2_000, minHits: 1 };
type Ended = Extract<TaskOutcome, { status: 'done' | 'partial' }>;

const analyzer = (tracking?: TrackingSpec, id = 'a'): RegisteredAnalyzer =>
  ({ definition: { id }, ...(tracking === undefined ? {} : { tracking }) }) as unknown as RegisteredAnalyzer;
const work = (sequence: number): ClaimedSegment =>
  ({
    stream: { streamId: 's', streamName: 'door' },
    segment: { sequence, ptsStartUs: sequence * 2_000_000, ptsEndUs: (sequence + 1) * 2_000_000 },
  }) as unknown as ClaimedSegment;
const run = (data?: JsonValue): ClaimedRun => ({
  runId: '1',
  attempt: 1,
  deferrals: 0,
  wasLeft: false,
  analyzerId: 'a',
  analyzerVersion: '1',
  configHash: 'h',
  ...(data === undefined ? {} : { checkpoint: { epochId: 'e', sequence: 0, data } }),
});
const detection = (ptsUs: number, x: number, more: Partial<DetectionResult> = {}): DetectionResult => ({
  type: 'detection',
  ptsUs,
  label: 'person',
  score: 0.9,
  box: Box.from01(x, 0.4, 0.1, 0.1),
  ...more,
});
const ended = (results: Ended['results'], more: Partial<Ended> = {}): Ended => ({
  runId: '1',
  status: 'done',
  results,
  framesSeen: 60,
  framesExpected: 60,
  cpuMs: 1,
  ...more,
});
const trackIds = (outcome: Ended): (string | undefined)[] =>
  outcome.results.flatMap((result) => (result.type === 'detection' ? [result.trackId] : []));

function zone(revision = 1, id = '11111111-1111-4111-8111-111111111111'): Rule {
  const draft = ruleDraft({
    name: 'All',
    enabled: true,
    analyzerId: 'a',
    labels: [],
    minScore: 0,
    kind: 'zone',
    points: [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ],
    params: {},
  });
  return { ...draft, id, revision, streamId: 's' } as Rule;
}

describe(ResultStage.name, () => {
  it('leaves the results and the checkpoint of an analyzer alone that asks for nothing', async () => {
    const outcome = ended([detection(0, 0.1)], { checkpoint: { own: true } });
    expect(await new ResultStage({ analyzers: [analyzer(), analyzer(undefined, 'b')] }).apply(run(), work(0), outcome)).toBe(outcome);
  });

  it('fills in tracks in order of pts, keeps the order of results, and leaves tracks alone that the analyzer gave', async () => {
    const results = [
      detection(400_000, 0.12),
      { type: 'metric', ptsUs: 0, name: 'm', value: 1, unit: '1' } as const,
      detection(200_000, 0.1),
      detection(200_000, 0.7, { trackId: 'mine' }),
    ];
    const outcome = await new ResultStage({ analyzers: [analyzer(TRACKING)] }).apply(run(), work(0), ended(results));
    expect(outcome.results).toEqual([{ ...results[0], trackId: '1' }, results[1], { ...results[2], trackId: '1' }, results[3]]);
  });

  it('goes on from the checkpoint, through JSON, and hands the analyzer its own part only', async () => {
    const stage = new ResultStage({ analyzers: [analyzer(TRACKING)] });
    const first = await stage.apply(run(), work(0), ended([detection(1_800_000, 0.1)], { checkpoint: { own: 1 } }));
    const carried = JSON.parse(JSON.stringify(first.checkpoint)) as JsonValue;
    expect(readRunState(carried).analyzer).toEqual({ own: 1 });
    expect(trackIds(await stage.apply(run(carried), work(1), ended([detection(2_000_000, 0.1), detection(2_000_000, 0.6)])))).toEqual([
      '1',
      '2',
    ]);
    // The same checkpoint again: an attempt that was not committed has left nothing behind.
    expect(trackIds(await stage.apply(run(carried), work(1), ended([detection(2_000_000, 0.6)])))).toEqual(['2']);
  });

  it("reads a checkpoint of the older form as the analyzer's own, and numbers tracks that begin late apart", async () => {
    const outcome = await new ResultStage({ analyzers: [analyzer(TRACKING)] }).apply(
      run({ ptsEndUs: 1, data: null }),
      work(7),
      ended([detection(14_000_000, 0.1)], { checkpoint: null }),
    );
    expect(trackIds(outcome)).toEqual(['7-1']);
    expect(readRunState(outcome.checkpoint).analyzer).toBeNull();
  });

  it('judges the rules of its analyzer over the tracks it gave, and carries their state', async () => {
    const other = { ...zone(1, '22222222-2222-4222-8222-222222222222'), analyzerId: 'b' };
    const stage = new ResultStage({ analyzers: [analyzer(TRACKING)] }, { inForce: async () => [zone(), other] });
    const first = await stage.apply(run(), work(0), ended([detection(1_000_000, 0.1)]));
    expect(first.results.slice(1)).toMatchObject([{ type: 'event', phase: 'start', name: 'zone', data: { trackId: '1' } }]);
    const second = await stage.apply(run(first.checkpoint), work(1), ended([]));
    expect(second.results).toMatchObject([{ type: 'event', phase: 'end', ptsUs: 1_000_000, data: { endedBy: 'lost' } }]);
  });

  it('ends what a rule has open when it is changed or gone, and begins with the new one', async () => {
    let rules = [zone(1)];
    const stage = new ResultStage({ analyzers: [analyzer(TRACKING)] }, { inForce: async () => rules });
    const { checkpoint } = await stage.apply(run(), work(0), ended([detection(1_900_000, 0.1)]));
    rules = [zone(2)];
    const changed = await stage.apply(run(checkpoint), work(1), ended([detection(2_100_000, 0.1)]));
    expect(changed.results.slice(1)).toMatchObject([
      { phase: 'end', key: expect.stringContaining(':1:1:1900000') as string, ptsUs: 2_000_000, data: { endedBy: 'rule-changed' } },
      { phase: 'start', key: expect.stringContaining(':2:1:2100000') as string },
    ]);
    rules = [];
    const gone = await stage.apply(run(changed.checkpoint), work(2), ended([]));
    expect(gone.results).toMatchObject([{ phase: 'end', ptsUs: 4_000_000, data: { endedBy: 'rule-changed' } }]);
    expect(readRunState(gone.checkpoint).rules).toBeUndefined();
  });

  it('asks the ledger when its memory is older than the checkpoint', async () => {
    const inForce = vi.fn(async (_: string, isDoubted?: boolean) => (isDoubted === true ? [zone(2)] : [zone(1)]));
    const stage = new ResultStage({ analyzers: [analyzer(TRACKING)] }, { inForce });
    const { checkpoint } = await new ResultStage({ analyzers: [analyzer(TRACKING)] }, { inForce: async () => [zone(2)] }).apply(
      run(),
      work(0),
      ended([detection(1_900_000, 0.1)]),
    );
    const outcome = await stage.apply(run(checkpoint), work(1), ended([detection(2_100_000, 0.1)]));
    expect(inForce.mock.calls).toEqual([['s'], ['s', true]]);
    expect(outcome.results).toHaveLength(1);
  });

  it('warns once that a rule needs tracks which nobody gives, and that one tells too much', async () => {
    const warn = vi.fn<Logger['warn']>();
    const stage = new ResultStage({ analyzers: [analyzer()] }, { inForce: async () => [zone()] }, { warn });
    for (const sequence of [0, 1]) await stage.apply(run(), work(sequence), ended([detection(sequence * 2_000_000, 0.1)]));
    expect(warn.mock.calls.map(([message]) => message)).toEqual([expect.stringContaining('VD_RULE_UNTRACKED') as string]);
    const crowd = Array.from({ length: 600 }, (_, n) => detection(n * 3_000, 0.1, { trackId: `t${n}` }));
    const hasty = { ...zone(2), params: { ...zone().params, maxGapMs: 100 } } as Rule;
    await new ResultStage({ analyzers: [analyzer()] }, { inForce: async () => [hasty] }, { warn }).apply(run(), work(0), ended(crowd));
    expect(warn.mock.calls.at(-1)?.[0]).toContain('VD_RULE_FLOODS');
  });

  it('never lets rules cost an analyzer its results, however much they tell or remember', async () => {
    const warn = vi.fn();
    const rules = Array.from({ length: 32 }, (_, n) => zone(1, `11111111-1111-4111-8111-${String(n).padStart(12, '0')}`));
    const stage = new ResultStage({ analyzers: [analyzer()] }, { inForce: async () => rules }, { warn } as unknown as Logger);
    const span = { epochStartUs: 0, startUs: 0, endUs: 8_000_000, goesOn: true };
    // Two hundred objects with names as long as may be, in and gone again within each segment.
    const crowd = (sequence: number, count: number): DetectionResult[] =>
      Array.from({ length: count }, (_, n) =>
        detection(sequence * 2_000_000 + 1, 0.4, { trackId: `${sequence}-${n}-${'ü'.repeat(50)}`, label: '字'.repeat(60) }),
      );
    let checkpoint: JsonValue = 'x'.repeat(500_000);
    for (const sequence of [0, 1, 2]) {
      const results: Ended['results'] = [
        ...crowd(sequence, 250),
        ...Array.from({ length: 19_000 }, () => ({ type: 'metric', ptsUs: sequence * 2_000_000, name: 'm', value: 1, unit: '1' }) as const),
      ];
      const outcome = await stage.apply(run(checkpoint), work(sequence), ended(results, { checkpoint: 'x'.repeat(500_000) }));
      expect(flawOfResults(outcome.results, span)).toBeUndefined();
      expect(flawOfJson(outcome.checkpoint, RESULT_LIMITS.runStateBytes)).toBeUndefined();
      expect(outcome.results.slice(0, results.length)).toEqual(results);
      expect(outcome.results.length).toBeGreaterThan(results.length);
      checkpoint = outcome.checkpoint ?? null;
    }
    expect(warn.mock.calls.map(([text]) => String(text).slice(0, 14))).toContain('VD_RULE_FLOODS');
    // What was left out of a segment is told again when there is room.
    const calm = await stage.apply(run(checkpoint), work(3), ended(crowd(3, 1)));
    expect(calm.results.filter((result) => result.type === 'event' && result.phase === 'start')).toHaveLength(rules.length);
  });

  it('says what failed when a rule cannot be judged', async () => {
    const broken = { ...zone(), points: undefined } as unknown as Rule;
    const stage = new ResultStage({ analyzers: [analyzer(TRACKING)] }, { inForce: async () => [broken] });
    await expect(stage.apply(run(), work(3), ended([detection(6_000_000, 0.1)]))).rejects.toMatchObject({
      code: 'VD_RULE_FAILED',
      retryable: true,
    });
  });

  it('follows fifty objects through generated motion with a state that stays small', async () => {
    const frames = motionScene({ seed: 50, objects: 70, seconds: 20, fps: 5 });
    const stage = new ResultStage({ analyzers: [analyzer(TRACKING)] });
    let checkpoint: JsonValue | undefined;
    let tracked = 0;
    for (let sequence = 0; sequence < 10; sequence++) {
      const results = frames.slice(sequence * 10, sequence * 10 + 10).flatMap(({ detections }) => detections);
      const outcome = await stage.apply(run(checkpoint), work(sequence), ended(results));
      checkpoint = outcome.checkpoint;
      tracked += trackIds(outcome).filter((id) => id !== undefined).length;
    }
    expect(tracked).toBeGreaterThan(2_500);
    expect(JSON.stringify(checkpoint).length).toBeLessThan(48_000);
  });
});

describe(writeRunState.name, () => {
  it.each([[undefined], [null], [7], [{ ptsEndUs: 1, data: [1] }]])(
    "keeps an analyzer's checkpoint as it is where there is nothing else: %j",
    (own) => {
      expect(writeRunState({ analyzer: own })).toEqual(own);
      expect(readRunState(writeRunState({ analyzer: own }))).toEqual(own === undefined ? {} : { analyzer: own });
    },
  );

  it('gives back every part, and nothing of what is no state', () => {
    const state = { analyzer: null, tracking: { v: 1 }, rules: { r: [1, { k: 'zone' }] as const } };
    expect(readRunState(JSON.parse(JSON.stringify(writeRunState(state))) as JsonValue)).toEqual(state);
    expect(readRunState({ $run: 1, rules: { r: 'x' } })).toEqual({});
    expect(readRunState({ $run: 2, tracking: {} })).toEqual({ analyzer: { $run: 2, tracking: {} } });
  });
});
