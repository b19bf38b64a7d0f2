import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppliedWire, JudgedEventWire, JudgementWire, NewRuleBody, RuleWire } from '../../src/core/wire/rules.wire.js';
import type { DetectionWire, EpochWire, EventWire, RunWire, SegmentWire } from '../../src/core/wire/wire.js';
import { checkInvariants } from '../faults/invariants.js';
import { ffmpeg } from '../support/media/ffmpeg.js';
import { FeedClient } from './support/feed-client.js';
import { publishClip } from './support/publisher.js';
import { startVedette, type VedetteProcess } from './support/vedette-process.js';
import { waitFor } from './support/wait-for.js';

const [WIDTH_PX, HEIGHT_PX, FPS] = [640, 360, 25];
const CLIP_S = 28;
/** A red rectangle goes from beyond the left edge of the picture to beyond the right one, at an even pace. */
const BOX = { widthPx: 80, heightPx: 120, topPx: 150 };
const MOVING = { fromS: 12, toS: 20 };
const PX_PER_S = (WIDTH_PX + BOX.widthPx) / (MOVING.toS - MOVING.fromS);
/** Where its middle is at a time, as a share of the picture's width. */
const middleAt = (atS: number): number => ((atS - MOVING.fromS) * PX_PER_S - BOX.widthPx / 2) / WIDTH_PX;
/** Seconds between two frames that motion and object detection look at. */
const SAMPLING_S = 0.2;
/** Half way between two looked-at frames: the model's boxes are a few pixels off, which must not decide in which frame it is inside. */
const VISIT = { fromS: 14.7, toS: 16.9 };
const CROSSING_S = 17.9;
const STEP_S = 0.25;

const line: [number, number][] = [
  [middleAt(CROSSING_S), 0.1],
  [middleAt(CROSSING_S), 0.95],
];
const [left, right] = [middleAt(VISIT.fromS), middleAt(VISIT.toS)];
const zone: [number, number][] = [
  [left, 0.3],
  [right, 0.3],
  [right, 0.95],
  [left, 0.95],
];
const rule = { analyzerId: 'object-detection' };
const RULES: readonly NewRuleBody[] = [
  { ...rule, name: 'zone', kind: 'zone', labels: ['red'], points: zone, params: { margin: 0 } },
  { ...rule, name: 'zone for another', kind: 'zone', labels: ['blue'], points: zone },
  // Walking down along it, right is the left of the screen: who goes to the screen's right goes out.
  { ...rule, name: 'line down', kind: 'line', points: line },
  { ...rule, name: 'line up', kind: 'line', points: [...line].reverse() },
  { ...rule, name: 'dwell', kind: 'dwell', points: zone, params: { margin: 0, dwellMs: 2_000 } },
  { ...rule, name: 'dwell for longer', kind: 'dwell', points: zone, params: { margin: 0, dwellMs: 2_500 } },
  { ...rule, name: 'count', kind: 'count', labels: ['red'], points: zone, params: { objects: 1, forMs: 1_000, stepMs: STEP_S * 1_000 } },
  { ...rule, name: 'count of two', kind: 'count', points: zone, params: { objects: 2, stepMs: STEP_S * 1_000 } },
];
/** What they must tell, each once, and how exactly; the others nothing. */
const TOLD = {
  zone: { ...VISIT, withinS: SAMPLING_S, data: { label: 'red', endedBy: 'left' } },
  'line down': { fromS: CROSSING_S, toS: CROSSING_S, withinS: SAMPLING_S, data: { direction: 'out', in: 0, out: 1 } },
  'line up': { fromS: CROSSING_S, toS: CROSSING_S, withinS: SAMPLING_S, data: { direction: 'in', in: 1, out: 0 } },
  dwell: { ...VISIT, withinS: SAMPLING_S, data: { label: 'red', endedBy: 'left', thresholdMs: 2_000 } },
  count: { ...VISIT, withinS: STEP_S, data: { count: 1, extreme: 1, endedBy: 'left' } },
};

/** The gate learns from three keyframes, then from four segments (`learnSegments` below); a segment has one keyframe. */
const LEARNING_SEGMENTS = 7;
/** After motion, keyframes must be alike again: three of them. */
const SETTLING_SEGMENTS = 3;

describe('motion, tracks and rules in a live stream', () => {
  let vedette: VedetteProcess;
  let folder: string;
  let clip: string;
  let feed: FeedClient;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vedette-motion-'));
    clip = join(folder, 'clip.flv');
    [vedette] = await Promise.all([
      startVedette({
        plugins: [
          { use: 'vedette/logo-detection', enabled: false },
          { use: 'vedette/visual-analysis', enabled: false },
          // Segments of a second, and as few of them to learn from as it takes: the clip is short.
          { use: 'vedette/motion', analyzers: { motion: { config: { gate: { learnSegments: 4 } } } } },
          { use: 'vedette/object-detection', analyzers: { 'object-detection': { when: 'motion', config: { model: 'demo-shapes.onnx' } } } },
        ],
        config: { packaging: { segmentDuration: '1s' } },
      }),
      makeClip(clip),
    ]);
  }, 120_000);

  afterAll(async () => {
    feed?.close();
    await vedette?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  /** A still picture with a sensor's noise, encoded as it comes out of a camera; then the rectangle in front of it. */
  async function makeClip(path: string): Promise<void> {
    const still = `color=c=gray:size=${WIDTH_PX}x${HEIGHT_PX}:rate=${FPS},trim=end_frame=1,geq=lum='70+X/8+Y/6':cb=128:cr=128`;
    const during = `between(t,${MOVING.fromS},${MOVING.toS})`;
    await ffmpeg(
      ...['-f', 'lavfi', '-i', `${still},loop=loop=-1:size=1,setpts=N/${FPS}/TB,trim=duration=${CLIP_S},noise=alls=4:allf=t:all_seed=7`],
      ...['-f', 'lavfi', '-i', `color=c=0xe61414:size=${BOX.widthPx}x${BOX.heightPx}:rate=${FPS}:duration=${CLIP_S}`],
      ...['-filter_complex', `[0:v][1:v]overlay=x='-w+${PX_PER_S}*(t-${MOVING.fromS})':y=${BOX.topPx}:enable='${during}'`],
      ...[
        '-an',
        '-c:v',
        'libx264',
        '-preset',
        'veryfast',
        '-crf',
        '28',
        '-bf',
        '0',
        '-g',
        String(FPS),
        '-keyint_min',
        String(FPS),
        '-sc_threshold',
        '0',
        '-pix_fmt',
        'yuv420p',
        path,
      ],
    );
  }

  it('lets object detection skip what stands still, and rules tell of what moves, live as over the past', async () => {
    const { streamId, api } = vedette;
    const stream = `/api/streams/${streamId}`;
    const rules = await Promise.all(RULES.map((body) => api.post<RuleWire>(`${stream}/rules`, body)));
    feed = await new FeedClient(vedette.apiUrl, api.cookie, [`stream:${streamId}`]).open();
    await publishClip(clip, vedette.publishUrl);
    const epoch = await waitFor('the epoch to be closed', async () =>
      (await api.all<EpochWire>(`${stream}/epochs`)).find(({ state }) => state === 'closed'),
    );
    const segments = (await api.all<SegmentWire>(`${stream}/segments?epochId=${epoch.id}`)).sort((a, b) => a.sequence - b.sequence);
    const runs = await waitFor(
      'every run to end',
      async () => {
        const all = await api.all<RunWire>(`${stream}/runs`);
        return (
          all.length >= segments.length * 2 &&
          all.every(({ state }) => !['queued', 'running'].includes(state)) &&
          all.sort((a, b) => a.sequence - b.sequence)
        );
      },
      90_000,
    );
    const originUs = segments[0]!.ptsStartUs;
    const inClipS = (ptsUs: number): number => (ptsUs - originUs) / 1e6;

    // The gate: closed in no segment with motion, closed in still ones once it has learnt
    expect(segments.map(({ ptsStartUs }) => Math.round(inClipS(ptsStartUs)))).toEqual(
      Array.from({ length: CLIP_S }, (_, second) => second),
    );
    expect(runs.filter(({ analyzerId }) => analyzerId === 'motion').map(({ state }) => state)).toEqual(segments.map(() => 'done'));
    const detecting = runs.filter(({ analyzerId }) => analyzerId === 'object-detection');
    expect(detecting.map(({ sequence }) => sequence)).toEqual(segments.map(({ sequence }) => sequence));
    const told = detecting.map(({ state, reason }) => (reason === null ? state : `${state}(${reason})`));
    expect(told.slice(0, LEARNING_SEGMENTS)).toEqual(Array.from({ length: LEARNING_SEGMENTS }, () => 'done'));
    expect(told.slice(MOVING.fromS, MOVING.toS)).toEqual(Array.from({ length: MOVING.toS - MOVING.fromS }, () => 'done'));
    for (const still of [told.slice(LEARNING_SEGMENTS, MOVING.fromS), told.slice(MOVING.toS + SETTLING_SEGMENTS)]) {
      expect(still).toHaveLength(5);
      // Noise makes one segment dearer than another, and the gate opens in doubt: once in five at most.
      expect(still.filter((one) => one === 'skipped(no-motion)').length, still.join(' ')).toBeGreaterThanOrEqual(4);
    }
    const [motion, ...furtherMotion] = await api.all<EventWire>(`${stream}/events?name=motion`);
    expect(furtherMotion).toEqual([]);
    isNear('motion', [inClipS(motion!.startPtsUs), inClipS(motion!.endPtsUs!)], MOVING, SAMPLING_S);

    // One object, one track, from the frame after it was first seen; where it was in each frame.
    const seen = (await api.all<DetectionWire>(`${stream}/detections?analyzerId=object-detection`)).sort((a, b) => a.ptsUs - b.ptsUs);
    expect(seen.map(({ trackId }) => trackId)).toEqual(seen.map((_, i) => (i === 0 ? null : seen[1]!.trackId)));
    expect(seen[1]!.trackId).not.toBeNull();
    expect(new Set(seen.map(({ label }) => label))).toEqual(new Set(['red']));
    expect(seen.length).toBeGreaterThanOrEqual((MOVING.toS - MOVING.fromS) / SAMPLING_S - 2);
    for (const { ptsUs, box } of seen.filter(({ box }) => box.x > 0.01 && box.x + box.width < 0.99)) {
      expect(Math.abs(box.x + box.width / 2 - middleAt(inClipS(ptsUs))), `at ${inClipS(ptsUs)} s`).toBeLessThan(0.015);
    }

    // Rules, live.
    const events = (await api.all<EventWire>(`${stream}/events`)).filter(({ name }) => name !== 'motion').sort(byKey);
    expect(events.map(({ data }) => data!['ruleName']).sort()).toEqual(Object.keys(TOLD).sort());
    for (const event of events) {
      const { fromS, toS, withinS, data } = TOLD[event.data!['ruleName'] as keyof typeof TOLD];
      expect(event).toMatchObject({
        state: 'closed',
        endReason: null,
        analyzerId: 'object-detection',
        data: event.name === 'count' ? data : { ...data, trackId: seen[1]!.trackId },
      });
      isNear(String(event.data!['ruleName']), [inClipS(event.startPtsUs), inClipS(event.endPtsUs!)], { fromS, toS }, withinS);
    }
    await waitFor('the feed to tell of every run', () => feed.of('run.finished').length >= runs.length);
    const fed = new Map(
      feed
        .of('run.finished')
        .flatMap((message) => message.events)
        .map((event) => [event.id, event]),
    );
    expect([...fed.values()].filter(({ name }) => name !== 'motion').sort(byKey)).toEqual(events);

    // And over the past: by the epoch, by the wall clock, and for good.
    const past = (range: object): Promise<JudgementWire[]> =>
      Promise.all(rules.map(({ id }) => inTurn(() => api.post<JudgementWire>(`${stream}/rules/judge`, { ruleId: id, ...range }))));
    const stored = events.map(whatIsJudged);
    for (const range of [{ epochId: epoch.id }, { from: epoch.startedAt, to: epoch.endedAt }]) {
      const judged = await past(range);
      expect(judged.flatMap((one) => one.events).sort(byKey)).toEqual(stored);
      expect(judged.every(({ truncated, counts }) => !truncated && counts.dropped === 0)).toBe(true);
    }
    // An event belongs to the range in which it starts.
    const fromTheVisitOn = await past({ epochId: epoch.id, fromPtsUs: originUs + (VISIT.fromS + 1) * 1e6 });
    expect(fromTheVisitOn.flatMap((one) => one.events.map(({ data }) => data['ruleName'])).sort()).toEqual(['line down', 'line up']);
    const applied = await Promise.all(
      rules.map(({ id }) => inTurn(() => api.post<AppliedWire>(`${stream}/rules/${id}/apply`, { epochId: epoch.id }))),
    );
    expect(applied).toEqual(rules.map(({ name }) => ({ removed: name in TOLD ? 1 : 0, stored: name in TOLD ? 1 : 0, keptOpen: 0 })));
    expect(
      (await api.all<EventWire>(`${stream}/events`))
        .filter(({ name }) => name !== 'motion')
        .sort(byKey)
        .map(whatIsJudged),
    ).toEqual(stored);
    expect(
      await checkInvariants(vedette.databaseUrl, {
        mediaDir: vedette.mediaDir,
        expectations: { idle: true, analyzers: ['motion', 'object-detection'], toldRunIds: runs.map(({ id }) => id) },
      }),
    ).toEqual([]);
  }, 180_000);

  /** Two judgements at once are refused; these come one after another. */
  let turn: Promise<unknown> = Promise.resolve();
  function inTurn<T>(task: () => Promise<T>): Promise<T> {
    const mine = turn.then(task);
    turn = mine.catch(() => undefined);
    return mine;
  }
});

const byKey = (a: { key: string }, b: { key: string }): number => (a.key < b.key ? -1 : 1);

/** What live evaluation and judging the past must have in common. */
const whatIsJudged = ({
  epochId,
  key,
  name,
  state,
  startPtsUs,
  startAt,
  endPtsUs,
  endAt,
  endReason,
  data,
}: EventWire): JudgedEventWire => ({
  ...{ epochId, key, name, state, startPtsUs, startAt, endPtsUs, endAt, endReason, data: data ?? {} },
});

function isNear(what: string, [fromS, toS]: readonly [number, number], truth: { fromS: number; toS: number }, withinS: number): void {
  const said = `${what}: ${fromS} to ${toS} s, in truth ${truth.fromS} to ${truth.toS} s`;
  // RTMP carries milliseconds.
  expect(Math.max(Math.abs(fromS - truth.fromS), Math.abs(toS - truth.toS)), said).toBeLessThanOrEqual(withinS + 0.001);
}
