import { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMMAND_LINE } from '../../src/core/audit/actor.js';
import { Database } from '../../src/core/persistence/database.js';
import { PgJudgedMedia } from '../../src/core/persistence/rules/pg-judged-media.js';
import { PgRuleEvents } from '../../src/core/persistence/rules/pg-rule-events.js';
import type { AnalysisJob, TaskOutcome } from '../../src/core/plugin-api/index.js';
import { judgePast, type JudgedEvent } from '../../src/core/rules/judge.js';
import type { Rule } from '../../src/core/rules/rule.js';
import { ruleDraft, type RuleInput } from '../../src/core/rules/rule-draft.js';
import { RuleStore } from '../../src/core/rules/rule-store.js';
import { checkInvariants } from '../faults/invariants.js';
import { motionScene, type SceneFrame } from '../support/tracking/motion-scene.js';
import { until } from '../support/until.js';
import { assignmentsOf, type NamedAnalyzer, pipelineRegistry } from './support/pipeline-registry.js';
import { done, FakeStrategy } from '../support/fakes/fake-strategy.js';
import { PipelineHarness, SEGMENT_US, type TestStream } from './support/pipeline-harness.js';

const TRACKER: NamedAnalyzer = {
  id: 'test.tracked',
  queue: 'default',
  tracking: { startScore: 0.5, continueScore: 0.1, minIou: 0.2, maxGapMs: 2_000, minHits: 2 },
};
const SEGMENTS = 15;
/** Boxes with digits beyond single precision: what is stored is not quite what was said. */
const SCENE: readonly SceneFrame[] = motionScene({ seed: 31, objects: 9, seconds: 30, fps: 5 });
const RULES: readonly Partial<RuleInput>[] = [
  {
    kind: 'zone',
    points: [
      [0.3, 0.3],
      [0.8, 0.35],
      [0.7, 0.9],
      [0.25, 0.8],
    ],
  },
  {
    kind: 'dwell',
    points: [
      [0.1, 0.1],
      [0.9, 0.1],
      [0.9, 0.9],
      [0.1, 0.9],
    ],
    params: { dwellMs: 2_500, anchor: 'overlap' },
    labels: ['person'],
  },
  {
    kind: 'line',
    points: [
      [0.5, 0],
      [0.45, 0.5],
      [0.5, 1],
    ],
  },
  {
    kind: 'count',
    points: [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ],
    params: { objects: 4, forMs: 1_000 },
    minScore: 0.6,
  },
];

interface StoredEvent {
  key: string;
  name: string;
  state: string;
  start_pts_us: string;
  end_pts_us: string | null;
  end_reason: string | null;
  data: Record<string, unknown>;
}

describe('rules over a live stream', () => {
  let harness: PipelineHarness;
  let media: PgJudgedMedia;
  let replaced: PgRuleEvents;
  let store: RuleStore;
  beforeEach(async () => {
    harness = await PipelineHarness.start({ config: { queues: { backoff: '50ms' } } });
    const database = new Database(harness.get(DataSource as never));
    media = new PgJudgedMedia(database);
    replaced = new PgRuleEvents(database);
    store = harness.get(RuleStore);
  });
  afterEach(() => harness.close());

  const make = async (streamId: string, input: Partial<RuleInput>, name = input.kind ?? ''): Promise<Rule> =>
    (
      await store.create(
        streamId,
        ruleDraft({ name, enabled: true, analyzerId: TRACKER.id, labels: [], minScore: 0, kind: 'zone', points: [], params: {}, ...input }),
      )
    ).rule;
  const worker = (
    behaviour: (job: AnalysisJob) => readonly TaskOutcome[] = (job) => job.tasks.map((task) => done(task, sightingsOf(job))),
  ) => {
    const strategy = new FakeStrategy(behaviour);
    return harness.worker(strategy, pipelineRegistry(strategy, [TRACKER]));
  };
  const run = (stream: TestStream, from: number, to: number): Promise<unknown> =>
    harness.registerAndRing(stream, from, to, assignmentsOf([TRACKER]));
  const settled = (count: number): Promise<unknown> =>
    until(
      `${count} runs ended`,
      async () =>
        Object.entries(await harness.states()).reduce(
          (sum, [state, runs]) => sum + (/^(done|partial|failed|skipped)/.test(state) ? runs : 0),
          0,
        ) === count,
    );
  const stored = (rule: Rule): Promise<StoredEvent[]> =>
    harness.rows<StoredEvent>(
      'SELECT key, name, state, start_pts_us, end_pts_us, end_reason, data FROM events WHERE key LIKE $1 ORDER BY start_pts_us, key',
      [`rule:${rule.id}:%`],
    );
  const judged = async (rule: Rule, stream: TestStream): Promise<JudgedEvent[]> =>
    (await judgePast(rule, await media.spans(stream.streamId, { epochId: stream.epochId }), media, 60_000)).events;

  it('tells live what judging the stored rows tells afterwards: retries, a worker that hands over and lost segments included', async () => {
    const stream = await harness.openStream();
    const rules = [];
    for (const input of RULES) rules.push(await make(stream.streamId, input));
    let failures = 0;
    const moody = (job: AnalysisJob): readonly TaskOutcome[] =>
      job.tasks.map((task) => {
        if (job.segment.sequence === 3 && task.attempt < 3) {
          failures++;
          return { runId: task.runId, status: 'failed', code: 'VD_TEST', message: 'not now', retryable: true };
        }
        return job.segment.sequence === 8 ? { runId: task.runId, status: 'skipped', reason: 'no-motion' } : done(task, sightingsOf(job));
      });
    const first = await worker(moody);
    await run(stream, 0, 6);
    await settled(6);
    await harness.stopWorker(first);
    await worker(moody);
    await run(stream, 6, SEGMENTS);
    await settled(SEGMENTS);
    expect(failures).toBe(2);
    await harness.ledger.closeEpoch(stream.epochId, 'test');
    await until('open events to end', async () => (await harness.rows("SELECT 1 FROM events WHERE state = 'open'")).length === 0);

    expect(
      (await harness.rows<{ tracks: number }>('SELECT count(DISTINCT track_id)::int AS tracks FROM detections'))[0]?.tracks,
    ).toBeGreaterThan(5);
    for (const rule of rules) {
      const live = await stored(rule);
      expect(live.length, rule.kind).toBeGreaterThan(0);
      expect(live).toEqual(asStored(await judged(rule, stream)));
    }
    expect(new Set((await stored(rules[2]!)).map(({ data }) => data['direction']))).toEqual(new Set(['in', 'out']));
    const [counts] = await harness.rows<{ seconds: number; most: number }>(
      'SELECT count(*)::int AS seconds, max(value)::float8 AS most FROM metrics WHERE name = $1',
      [`rule:${rules[3]!.id}:count`],
    );
    // Every second of the media that was analysed; segment 8 was not.
    expect(counts?.seconds).toBe((SEGMENTS - 1) * 2);
    expect(counts?.most).toBeGreaterThanOrEqual(4);
    expect(await checkInvariants(harness.database.url, { mediaDir: harness.mediaDir, expectations: { idle: true } })).toEqual([]);
  });

  it('applies a changed rule from the next segment, ends what it had open there, and stops for a deleted one', async () => {
    const stream = await harness.openStream();
    const everywhere = {
      kind: 'zone',
      points: [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ],
    } as const;
    const rule = await make(stream.streamId, everywhere);
    await worker((job) => job.tasks.map((task) => done(task, standing(job))));
    await run(stream, 0, 2);
    await settled(2);
    expect(await stored(rule)).toMatchObject([{ state: 'open', data: { revision: 1, trackId: '1' } }]);

    const renamed = await store.update(stream.streamId, rule.id, { ...rule, name: 'Renamed' });
    expect(renamed?.rule.revision).toBe(1);
    const changed = await store.update(stream.streamId, rule.id, { ...rule, minScore: 0.2 });
    expect(changed?.rule.revision).toBe(2);
    await until('the change to be heard of', async () => (await store.inForce(stream.streamId))[0]?.revision === 2);
    await run(stream, 2, 3);
    await settled(3);
    await until('the new revision to tell', async () => (await stored(rule)).length === 2);
    expect(await stored(rule)).toMatchObject([
      { state: 'closed', end_pts_us: String(2 * SEGMENT_US), data: { revision: 1, endedBy: 'rule-changed' } },
      { state: 'open', start_pts_us: String(2 * SEGMENT_US), data: { revision: 2 } },
    ]);

    expect(await store.remove(stream.streamId, rule.id)).toBe(true);
    await run(stream, 3, 5);
    await settled(5);
    expect((await stored(rule)).map(({ state }) => state)).toEqual(['closed', 'closed']);
    const [{ data } = { data: {} }] = await harness.rows<{ data: Record<string, unknown> }>('SELECT data FROM analyzer_checkpoints');
    expect(Object.keys(data)).toEqual(expect.arrayContaining(['tracking']));
    expect(data).not.toHaveProperty('rules');
  });

  it(
    'puts the past under the rule of today: exactly the events that start in the range, twice the same, open ' + 'ones left alone',
    async () => {
      const stream = await harness.openStream();
      await worker();
      await run(stream, 0, SEGMENTS);
      await settled(SEGMENTS);
      const rule = await make(stream.streamId, RULES[0]!);
      expect(await stored(rule)).toEqual([]);
      const all = await judged(rule, stream);
      const apply = async (from: number, to: number): Promise<{ removed: number; stored: number }> => {
        const spans = await media.spans(stream.streamId, {
          epochId: stream.epochId,
          fromPtsUs: from * SEGMENT_US,
          toPtsUs: to * SEGMENT_US,
        });
        const { events, runIds } = await judgePast(rule, spans, media, 60_000);
        return replaced.replace({ rule, spans, events, runIds, by: { ...COMMAND_LINE, name: 'test' }, detail: { from, to } });
      };
      const finished = asStored(all.filter(({ state }) => state === 'closed'));
      const within = (from: number, to: number): StoredEvent[] =>
        finished.filter((event) => Number(event.start_pts_us) >= from * SEGMENT_US && Number(event.start_pts_us) < to * SEGMENT_US);
      expect(await apply(0, 5)).toMatchObject({ removed: 0, stored: within(0, 5).length });
      expect(await stored(rule)).toEqual(within(0, 5));
      // Ranges side by side make up the whole: no event is lost or told twice at their border.
      await apply(5, 20);
      expect(await stored(rule)).toEqual(finished);
      expect(await apply(3, 9)).toMatchObject({ removed: within(3, 9).length, stored: within(3, 9).length });
      expect(await stored(rule)).toEqual(finished);
      expect(await harness.rows("SELECT actor, target FROM audit WHERE action = 'rule.apply'")).toEqual(
        Array(3).fill({ actor: 'test', target: rule.id }),
      );

      await harness.rows("UPDATE events SET state = 'open', end_pts_us = NULL, end_at = NULL WHERE key = $1", [finished[0]!.key]);
      await apply(0, 20);
      expect((await stored(rule)).map(({ key, state }) => [key, state])).toEqual(
        finished.map(({ key }, index) => [key, index === 0 ? 'open' : 'closed']),
      );
    },
  );

  it('refuses to judge detections without tracks by a rule that needs them, and more than it can hold', async () => {
    const stream = await harness.openStream();
    const strategy = new FakeStrategy((job) => job.tasks.map((task) => done(task, sightingsOf(job))));
    const untracked: NamedAnalyzer = { id: 'test.untracked', queue: 'default' };
    await harness.worker(strategy, pipelineRegistry(strategy, [untracked]));
    await harness.registerAndRing(stream, 0, 3, assignmentsOf([untracked]));
    await settled(3);
    const [zone, count] = [
      await make(stream.streamId, { ...RULES[0], analyzerId: untracked.id }),
      await make(stream.streamId, { ...RULES[3], analyzerId: untracked.id }),
    ];
    await expect(judged(zone, stream)).rejects.toMatchObject({ code: 'VD_RULE_UNTRACKED' });
    expect(await judged(count, stream)).toMatchObject([{ name: 'count', state: 'open', startPtsUs: 5_000_000 }]);
    const spans = await media.spans(stream.streamId, { epochId: stream.epochId });
    let clockMs = 0;
    await expect(judgePast(count, spans, media, 0, () => (clockMs += 30_000))).rejects.toMatchObject({ code: 'VD_RULE_TOO_MUCH' });
  });
});

function sightingsOf(job: AnalysisJob) {
  const { ptsStartUs, ptsEndUs } = job.segment;
  return SCENE.filter(({ ptsUs }) => ptsUs >= ptsStartUs && ptsUs < ptsEndUs).flatMap(({ detections }) => detections);
}

function standing(job: AnalysisJob) {
  return [0, 1, 2, 3].map((n) => ({
    type: 'detection' as const,
    ptsUs: job.segment.ptsStartUs + n * 500_000,
    label: 'person',
    score: 0.9,
    box: { x: 0.4, y: 0.4, width: 0.1, height: 0.2 },
  }));
}

function asStored(events: readonly JudgedEvent[]): StoredEvent[] {
  return events
    .map((event) => ({
      key: event.key,
      name: event.name,
      state: event.state,
      start_pts_us: String(event.startPtsUs),
      end_pts_us: event.endPtsUs === null ? null : String(event.endPtsUs),
      end_reason: event.endReason,
      data: event.data,
    }))
    .sort((a, b) => Number(a.start_pts_us) - Number(b.start_pts_us) || (a.key < b.key ? -1 : 1));
}
