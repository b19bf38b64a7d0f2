import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EpochWire, EventWire, MetricWire, RunWire, SegmentWire } from '../../src/core/wire/wire.js';
import { checkInvariants } from '../faults/invariants.js';
import { ffmpeg } from '../support/media/ffmpeg.js';
import { FPS, HEIGHT_PX, makeFilm, type Film, type Part } from '../support/visual/timeline.js';
import { FeedClient } from './support/feed-client.js';
import { publishClip } from './support/publisher.js';
import { startVedette, type VedetteProcess } from './support/vedette-process.js';
import { waitFor } from './support/wait-for.js';

const SEED = 23;
const BARS_PX = 44;
const letterboxed = `drawbox=x=0:y=0:w=iw:h=${BARS_PX}:c=black:t=fill,drawbox=x=0:y=ih-${BARS_PX}:w=iw:h=${BARS_PX}:c=black:t=fill`;
/** Every sixth picture from the fourth to the fortieth is white. */
const flashing = "drawbox=x=0:y=0:w=iw:h=ih:c=white:t=fill:enable='eq(mod(n,6),3)*lt(n,40)'";
/** Each part begins with a hard cut; what has no source is a pan over a picture of its own. */
const PICTURE: readonly Part[] = [
  { seconds: 4 },
  { seconds: 3, source: 'color=c=black', event: 'black' },
  { seconds: 3 },
  { seconds: 4, filter: 'loop=loop=-1:size=1:start=0,setpts=N/25/TB,trim=duration=4', event: 'frozen' },
  { seconds: 1.6 },
  { seconds: 1.6, source: 'smptehdbars', event: 'test-bars' },
  { seconds: 5, filter: letterboxed, event: 'letterbox' },
  { seconds: 1 },
  { seconds: 2, filter: flashing },
  { seconds: 0.8 },
];
const CLIP_S = 26;
/** From the first change to white to the last one back. */
const FLASHING = { fromS: 23.2 + 3 / FPS, toS: 23.2 + 40 / FPS };
/** Seconds of the sound's passages; the rest is noise at a moderate level, the same left and right. */
const DEAD = { fromS: 1.5, toS: 7 };
const SILENT = { fromS: 8, toS: 12 };
const OPPOSED = { fromS: 12, toS: 17.5 };
const CLIPPED = { fromS: 19, toS: 21 };
const BESIDES = [
  { event: 'flashing', ...FLASHING },
  { event: 'flicker', ...FLASHING },
  { event: 'dead-channel-2', ...DEAD },
  { event: 'silence', ...SILENT },
  { event: 'out-of-phase', ...OPPOSED },
  { event: 'clipping', ...CLIPPED },
  { event: 'true-peak', ...CLIPPED },
];

/** How far apart two looks of each analyzer are, with its defaults. */
const SAMPLING_US: Readonly<Record<string, number>> = {
  'visual-analysis': 200_000,
  'visual-analysis.structure': 1_000_000,
  'visual-analysis.flashes': 1_000_000 / FPS,
  'visual-analysis.sound': 100_000,
  'visual-analysis.speech': 32_000,
};
/** Light that swings has no beginning but a swing's: flicker is known to one of them. */
const SWING_US = 6_000_000 / FPS;
/** RTMP carries milliseconds. */
const ROUNDING_US = 1_000;

/** Metrics by analyzer, with their units. */
const UNITS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'visual-analysis': {
    brightness: '0..1',
    contrast: '0..1',
    sharpness: '0..1',
    motion: '0..1',
    saturation: '0..1',
    shadows: '0..1',
    highlights: '0..1',
    'clipped-dark': '0..1',
    'clipped-bright': '0..1',
    'colour-cast': 'dE',
  },
  'visual-analysis.structure': {
    blur: 'px',
    blockiness: '0..1',
    interlacing: '0..1',
    noise: 'levels',
    'active-area': '0..1',
    'text-outside-safe': '0..1',
  },
  'visual-analysis.flashes': { flashes: '1/s', flicker: '1/s' },
  'visual-analysis.sound': {
    'loudness-momentary': 'LUFS',
    'loudness-short-term': 'LUFS',
    'loudness-integrated': 'LUFS',
    'loudness-range': 'LU',
    'true-peak': 'dBTP',
    'sound-level': 'dBFS',
    'phase-correlation': '-1..1',
    clips: 'count',
  },
  'visual-analysis.speech': { speech: '0..1' },
};
const LISTENERS = ['visual-analysis.sound', 'visual-analysis.speech'];
const ANALYZERS = Object.keys(UNITS);
/** Of these nothing can be said in every second: not of a black picture, of silence, or before enough was heard. */
const WITH_HOLES = [
  'colour-cast',
  ...Object.keys(UNITS['visual-analysis.structure']!),
  'loudness-short-term',
  'loudness-range',
  'phase-correlation',
];

describe('the quality of a live stream', () => {
  let vedette: VedetteProcess;
  let folder: string;
  let film: Film;
  let clip: string;
  let feed: FeedClient;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vedette-quality-'));
    const withoutModels = ['vedette/logo-detection', 'vedette/object-detection'].map((use) => ({ use, enabled: false }));
    [vedette, film] = await Promise.all([startVedette({ plugins: withoutModels }), makeFilm(folder, 'film', PICTURE, { seed: SEED })]);
    clip = join(folder, 'clip.flv');
    const during = ({ fromS, toS }: { fromS: number; toS: number }): string => `gte(t,${fromS})*lt(t,${toS})`;
    // The same numbers in both expressions; and a low sine of twenty times full scale, of which hardly more than clips is left.
    const noise = 'st(1,0.25*(2*random(0)-1))*0';
    const clipped = `if(${during(CLIPPED)},clip(20*sin(2*PI*110*t),-1,1)`;
    const left = `${noise}+if(${during(SILENT)},0,${clipped},ld(1)))`;
    const right = `${noise}+if(${during(SILENT)}+${during(DEAD)},0,${clipped},if(${during(OPPOSED)},-ld(1),ld(1))))`;
    await ffmpeg(
      ...['-i', film.path, '-f', 'lavfi', '-i', `aevalsrc=exprs='${left}|${right}':s=48000:d=${CLIP_S}:c=stereo`],
      ...['-map', '0:v', '-map', '1:a', '-c:v', 'copy', '-c:a', 'aac', '-b:a', '192k', clip],
    );
  }, 120_000);

  afterAll(async () => {
    feed?.close();
    await vedette?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  it('is told by events at the times at which they happen, and by metrics once a second, over REST and WebSocket alike', async () => {
    const { streamId, api } = vedette;
    feed = await new FeedClient(vedette.apiUrl, api.cookie, [`stream:${streamId}`]).open();
    await publishClip(clip, vedette.publishUrl);
    const { epoch, segments, runs } = await analysed(0);
    expect(segments.reduce((sum, { frameCount }) => sum + frameCount, 0)).toBe(CLIP_S * FPS);
    for (const analyzerId of ANALYZERS) {
      const own = runs.filter((run) => run.analyzerId === analyzerId);
      expect(
        own.map(({ sequence }) => sequence),
        analyzerId,
      ).toEqual(segments.map(({ sequence }) => sequence));
      expect(
        own.map(({ state, reason }) => [state, reason]),
        analyzerId,
      ).toEqual(own.map(() => ['done', null]));
    }

    const events = await api.all<EventWire>(`/api/streams/${streamId}/events?epochId=${epoch.id}`);
    const startUs = segments[0]!.ptsStartUs;
    const seen = events
      .map((event) => ({ ...event, fromUs: event.startPtsUs - startUs, toUs: event.endPtsUs! - startUs }))
      .sort((a, b) => a.fromUs - b.fromUs);
    expect(seen.every(({ state, endReason }) => state === 'closed' && endReason === null)).toBe(true);
    const cuts = film.cutsS.map((cutS) => ({ event: 'scene-change', fromS: cutS, toS: cutS }));
    const truths = [...film.truths, ...BESIDES, ...cuts].sort((a, b) => a.fromS - b.fromS);
    expect(seen.map(({ name }) => name).sort()).toEqual(truths.map(({ event }) => event).sort());
    for (const name of new Set(truths.map(({ event }) => event))) {
      const found = seen.filter((event) => event.name === name);
      truths
        .filter(({ event }) => event === name)
        .forEach(({ fromS, toS }, i) => {
          const { analyzerId, fromUs, toUs } = found[i]!;
          const worstUs = Math.max(Math.abs(fromUs - fromS * 1e6), Math.abs(toUs - toS * 1e6));
          expect(worstUs, `${name}: ${fromUs / 1e6} to ${toUs / 1e6} s, truth ${fromS} to ${toS} s`).toBeLessThanOrEqual(
            (name === 'flicker' ? SWING_US : SAMPLING_US[analyzerId]!) + ROUNDING_US,
          );
        });
    }
    const { box } = seen.find(({ name }) => name === 'letterbox')!.data as { box: { y: number; height: number } };
    expect(Math.abs(box.y - BARS_PX / HEIGHT_PX)).toBeLessThanOrEqual(2 / HEIGHT_PX);
    expect(Math.abs(box.height - (HEIGHT_PX - 2 * BARS_PX) / HEIGHT_PX)).toBeLessThanOrEqual(4 / HEIGHT_PX);

    const metrics = await api.all<MetricWire>(`/api/streams/${streamId}/metrics?epochId=${epoch.id}`);
    expect(new Set(metrics.map(({ analyzerId, name, unit }) => `${analyzerId} ${name} ${unit}`))).toEqual(
      new Set(ANALYZERS.flatMap((analyzerId) => Object.entries(UNITS[analyzerId]!).map(([name, unit]) => `${analyzerId} ${name} ${unit}`))),
    );
    for (const name of ANALYZERS.flatMap((analyzerId) => Object.keys(UNITS[analyzerId]!))) {
      const own = metrics.filter((metric) => metric.name === name).sort((a, b) => a.ptsUs - b.ptsUs);
      const steps = own.slice(1).map(({ ptsUs }, i) => Math.round(((ptsUs - own[i]!.ptsUs) / 1e6) * 100) / 100);
      if (WITH_HOLES.includes(name))
        expect(
          steps.every((step) => step >= 1 && Number.isInteger(step)),
          `${name}: ${steps.join(' ')}`,
        ).toBe(true);
      // Sound counts its seconds by its own samples: its last one may be short of a frame of AAC, and is then none.
      else expect([steps, own.length >= CLIP_S - 1 && own.length <= CLIP_S], name).toEqual([steps.map(() => 1), true]);
    }

    await waitFor('the feed to tell of every run', () => feed.of('run.finished').length >= runs.length);
    const told = feed.of('run.finished');
    expect(told.map(({ run }) => run.id).sort()).toEqual(runs.map(({ id }) => id).sort());
    expect(told.every(({ truncated }) => !truncated)).toBe(true);
    const named = ({ analyzerId, name, ptsUs, value, unit }: MetricWire): string => [analyzerId, name, ptsUs, value, unit].join(' ');
    expect(told.flatMap((message) => message.metrics.map(named)).sort()).toEqual(metrics.map(named).sort());
    // An event is told of by each run that changed it: what was told of it last is what is stored.
    const last = new Map(
      [...told.flatMap((message) => message.events), ...feed.of('event.closed').map(({ event }) => event)].map((event) => [
        event.id,
        event,
      ]),
    );
    expect([...last.values()].sort((a, b) => Number(a.id) - Number(b.id))).toEqual(events.sort((a, b) => Number(a.id) - Number(b.id)));
    expect(
      await checkInvariants(vedette.databaseUrl, {
        mediaDir: vedette.mediaDir,
        expectations: { idle: true, analyzers: ANALYZERS, toldRunIds: told.map(({ run }) => run.id) },
      }),
    ).toEqual([]);
  }, 180_000);

  it('has no sound to judge where there is none, and nothing worse', async () => {
    const silent = join(folder, 'silent.flv');
    await ffmpeg('-i', clip, '-t', '6', '-map', '0:v', '-c', 'copy', silent);
    await publishClip(silent, vedette.publishUrl);
    const { epoch, segments, runs } = await analysed(1);
    expect(epoch.audioCodec).toBeNull();
    const sound = runs.filter(({ analyzerId }) => LISTENERS.includes(analyzerId));
    for (const listener of LISTENERS)
      expect(sound.filter(({ analyzerId }) => analyzerId === listener).map(({ sequence }) => sequence)).toEqual(
        segments.map(({ sequence }) => sequence),
      );
    expect(sound.every(({ state, reason, errorCode }) => state === 'skipped' && reason!.startsWith('no_audio') && errorCode === null)).toBe(
      true,
    );
    const picture = runs.filter(({ analyzerId }) => !LISTENERS.includes(analyzerId));
    expect(picture).toHaveLength(3 * segments.length);
    expect(picture.every(({ state }) => state === 'done')).toBe(true);
    const events = await vedette.api.all<EventWire>(`/api/streams/${vedette.streamId}/events?epochId=${epoch.id}`);
    expect(events.map(({ name }) => name).sort()).toEqual(['black', 'scene-change']);
    const metrics = await vedette.api.all<MetricWire>(`/api/streams/${vedette.streamId}/metrics?epochId=${epoch.id}`);
    expect(metrics.filter(({ analyzerId }) => LISTENERS.includes(analyzerId))).toEqual([]);
    expect(
      await checkInvariants(vedette.databaseUrl, { mediaDir: vedette.mediaDir, expectations: { idle: true, analyzers: ANALYZERS } }),
    ).toEqual([]);
  }, 120_000);

  /** Waits for the epoch of an ordinal to be closed and for all that is to be done in it; by sequence. */
  async function analysed(ordinal: number): Promise<{ epoch: EpochWire; segments: SegmentWire[]; runs: RunWire[] }> {
    const { streamId, api } = vedette;
    const epoch = await waitFor('the epoch to be closed', async () => {
      const epochs = await api.all<EpochWire>(`/api/streams/${streamId}/epochs`);
      return epochs.find((one) => one.ordinal === ordinal && one.state === 'closed');
    });
    const bySequence = (a: { sequence: number }, b: { sequence: number }): number => a.sequence - b.sequence;
    const segments = (await api.all<SegmentWire>(`/api/streams/${streamId}/segments?epochId=${epoch.id}`)).sort(bySequence);
    const runs = await waitFor(
      'every run to end',
      async () => {
        const own = (await api.all<RunWire>(`/api/streams/${streamId}/runs`)).filter(({ epochId }) => epochId === epoch.id);
        return (
          own.length >= segments.length * ANALYZERS.length &&
          own.every(({ state }) => !['queued', 'running'].includes(state)) &&
          own.sort(bySequence)
        );
      },
      90_000,
    );
    return { epoch, segments, runs };
  }
});
