import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Step } from '../../../../src/adapters/rtmp/testing/counting-publisher.js';
import { seededRandom } from '../../../support/seeded-random.js';
import { until } from '../../../support/until.js';
import { Clips, type ClipWishes } from './clips.js';
import { OddStreamBench } from './odd-stream-bench.js';
import {
  audio,
  change,
  cut,
  endOf,
  every,
  framesOf,
  from,
  headersOf,
  keyframe,
  moved,
  nth,
  shown,
  stepsOf,
  video,
  without,
} from './steps.js';

let clips: Clips;
let bench: OddStreamBench;
beforeAll(async () => {
  clips = await Clips.open();
  bench = await OddStreamBench.start();
});
afterAll(async () => {
  await bench.stop();
  await clips.close();
});

/** Frames in gap rows by reason, as [pictures, sounds]; true: as many as it takes. */
type Gaps = Readonly<Record<string, readonly [number | true, number | true]>>;
const anyNumber = (count: number | true): unknown => (count === true ? (expect.any(Number) as unknown) : count);
const expectedGaps = (gaps: Gaps): unknown =>
  Object.fromEntries(Object.entries(gaps).map(([reason, counts]) => [reason, counts.map(anyNumber)]));

interface Scenario {
  readonly steps: () => Promise<Step[]>;
  readonly epochs: number;
  readonly gaps: Gaps;
}

const plain = async (startMs = 0): Promise<Step[]> => stepsOf(await clips.get(), startMs);
const of = async (wishes: ClipWishes, startMs = 0): Promise<Step[]> => stepsOf(await clips.get(wishes), startMs);
/** Three clips of 75 pictures, 25 in a group. */
const SECOND = 1000;

const scenarios: Record<string, Scenario> = {
  'ordinary media': { steps: () => plain(), epochs: 1, gaps: {} },
  'a clock that starts just before 32 bits end': { steps: () => plain(0xfffffff0), epochs: 1, gaps: {} },
  'a clock that starts just before 24 bits end': { steps: () => plain(0xfffff0), epochs: 1, gaps: {} },
  'a clock that jumps by an hour in the middle of a group': {
    steps: async () => change(await plain(), from(1500), moved(3_600_000)),
    epochs: 2,
    gaps: { 'clock-jump': [true, true] },
  },
  'a clock that goes back by nine seconds': {
    steps: async () => change(await plain(20_000), from(21_500), moved(-9000)),
    epochs: 2,
    gaps: { 'clock-jump': [true, true] },
  },
  'a clock that goes back to nothing at a keyframe': {
    steps: async () => [...(await plain(20_000)), ...framesOf(await clips.get(), 0)],
    epochs: 2,
    gaps: {},
  },
  'single timestamps far away': {
    steps: async () => change(await plain(), nth(video, 10, 40), moved(2 ** 31 + 77)),
    epochs: 1,
    gaps: { 'clock-jump': [2, 0] },
  },
  'sound stamped 20 s after its picture': {
    steps: async () => change(await plain(), audio, moved(20_000)),
    epochs: 1,
    gaps: { 'clock-jump': [0, true] },
  },
  'sound stamped 20 s before its picture': {
    steps: async () => change(await plain(40_000), audio, moved(-20_000)),
    epochs: 1,
    gaps: { 'clock-jump': [0, true] },
  },
  'sound whose clock is 3 % fast': {
    steps: async () => change(await plain(), audio, (step) => ({ ...step, timestampMs: Math.round(step.timestampMs * 1.03) })),
    epochs: 1,
    gaps: {},
  },
  'timestamps that stand twice': {
    steps: async () => change(await plain(), every(video, 5), moved(-40)),
    epochs: 1,
    gaps: {},
  },
  'pictures cut in half': {
    steps: async () => change(await plain(), nth(video, 30, 33), cut),
    epochs: 1,
    gaps: { damaged: [2, 0] },
  },
  'a keyframe cut in half': {
    steps: async () => change(await plain(), nth(video, 25), cut),
    epochs: 1,
    gaps: { damaged: [1, 0], 'no-keyframe': [24, 0] },
  },
  'sound wrapped in ADTS now and then': {
    steps: async () =>
      change(await plain(), every(audio, 10), (step) => ({
        ...step,
        data: Buffer.concat([Buffer.from([0xff, 0xf1, 0x50, 0x80, 1, 0x3f, 0xfc]), step.data]),
      })),
    epochs: 1,
    gaps: { damaged: [0, true] },
  },
  'one picture that is to be shown in 600 s': {
    steps: async () => change(await plain(), nth(video, 30), shown(600_000)),
    epochs: 1,
    gaps: { 'composition-offset': [1, 0] },
  },
  'a stream that begins in the middle of a group': {
    steps: async () => without(await plain(), nth(keyframe, 0)),
    epochs: 1,
    gaps: { 'no-keyframe': [24, true] },
  },
  'another size, and back': {
    steps: async () => {
      const [small, large] = [await clips.get(), await clips.get({ size: '320x192' })];
      return [...stepsOf(small), ...stepsOf(large, 3 * SECOND), ...stepsOf(small, 6 * SECOND)];
    },
    epochs: 3,
    gaps: {},
  },
  'another size in the middle of a group': {
    steps: async () => {
      const large = await clips.get({ size: '320x192' });
      return [...(await plain()), ...headersOf(large), ...framesOf(large, 3 * SECOND).slice(40)];
    },
    epochs: 2,
    gaps: { 'no-keyframe': [true, true] },
  },
  'a variable frame rate': { steps: () => of({ filter: 'select=not(mod(n\\,3))+gt(random(1)\\,0.6)' }), epochs: 1, gaps: {} },
  '120 pictures a second': { steps: () => of({ fps: 120, gopFrames: 120, seconds: 2 }), epochs: 1, gaps: {} },
  '5 pictures a second': { steps: () => of({ fps: 5, gopFrames: 10, seconds: 6 }), epochs: 1, gaps: {} },
  'keyframes only': { steps: () => of({ gopFrames: 1, bFrames: 0 }), epochs: 1, gaps: {} },
  'one keyframe and no more': { steps: () => of({ gopFrames: 1000, seconds: 4 }), epochs: 1, gaps: {} },
  'no sound': { steps: () => of({ hasAudio: false }), epochs: 1, gaps: {} },
  'sound alone': { steps: () => of({ hasVideo: false, seconds: 5 }), epochs: 1, gaps: {} },
  'a picture that comes 20 s late': {
    steps: async () => [...(await of({ hasVideo: false, seconds: 20 })), ...(await plain(20 * SECOND))],
    epochs: 2,
    gaps: {},
  },
  'sound in 5.1': { steps: () => of({ audio: ['-c:a', 'aac', '-ac', '6'] }), epochs: 1, gaps: {} },
  'sound without its header': {
    steps: async () => (await plain()).filter(({ kind }) => kind !== 'audio-header'),
    epochs: 1,
    gaps: { 'no-configuration': [0, true] },
  },
  'headers that come again and again': {
    steps: async () => {
      const clip = await clips.get();
      return framesOf(clip).flatMap((frame, i): Step[] => (i % 20 === 0 ? [...headersOf(clip), frame] : [frame]));
    },
    epochs: 1,
    gaps: {},
  },
  'another sampling rate': {
    steps: async () => [...(await plain()), ...(await of({ audio: ['-c:a', 'aac', '-ar', '48000'] }, 3 * SECOND))],
    epochs: 2,
    gaps: {},
  },
  'sound that is G.711': {
    steps: async () => [
      ...(await of({ hasAudio: false })),
      ...Array.from({ length: 50 }, (_, i): Step => {
        const payload = Buffer.concat([Buffer.from([0x72]), Buffer.alloc(160, i)]);
        return { kind: 'raw', track: 'audio', timestampMs: i * 20, payload, frames: 1 };
      }),
    ],
    epochs: 1,
    gaps: { 'codec-unsupported': [0, 50] },
  },
  'H.264 and AAC by enhanced RTMP, with tracks beside them': {
    steps: async () => [
      ...(await plain()),
      { kind: 'raw', track: 'audio', timestampMs: 3000, payload: Buffer.from('\x95\x01mp4a\x01\x21\x09', 'latin1'), frames: 0 },
    ],
    epochs: 1,
    gaps: {},
  },
};

describe('an odd stream', () => {
  it.each(Object.entries(scenarios))('of %s has every frame in a segment or in a gap', async (name, { steps, epochs, gaps }) => {
    const door = await bench.door(name.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase());
    const sent = await bench.publish(door, await steps(), { isEnhanced: name.includes('enhanced') });
    await bench.expectAccounted(door, sent);
    expect({ epochs: (await bench.epochs(door)).length, gaps: await bench.gaps(door) }).toEqual({ epochs, gaps: expectedGaps(gaps) });
  });

  it.each([1, 2, 3, 4])('of every fault at once has too (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const door = await bench.door(`everything-${seed}`);
    let steps = await plain(Math.floor(random() * 2 ** 32));
    const some = (share: number) => () => random() < share;
    steps = [
      ...steps,
      ...(await of({ size: '320x192' }, endOf(steps))),
      ...(await of({ fps: 120, gopFrames: 120, seconds: 2 }, endOf(steps))),
    ];
    steps = change(steps, some(0.02), cut);
    steps = change(steps, some(0.02), (step) => moved(Math.floor((random() - 0.5) * 2 ** 32))(step));
    steps = change(steps, some(0.02), (step) => (step.track === 'video' ? shown(Math.floor((random() - 0.5) * 2 ** 23))(step) : step));
    steps = without(steps, some(0.02));
    const jumpAt = endOf(steps) - 2000;
    steps = change(steps, from(jumpAt), moved(random() < 0.5 ? 100_000 : -15_000));
    await bench.expectAccounted(door, await bench.publish(door, steps));
  });
});

describe('a publisher', () => {
  it('that comes and goes has all it sent, whenever it went', async () => {
    const door = await bench.door('flapping');
    const steps = await plain();
    const sent = { video: 0, audio: 0 };
    for (let i = 0; i < 8; i++) {
      const part = await bench.publish(door, steps.slice(0, 20 + i * 23));
      sent.video += part.video;
      sent.audio += part.audio;
    }
    await bench.expectAccounted(door, sent);
    expect(await bench.epochs(door)).toHaveLength(8);
  });

  it('that falls silent loses nothing of what it sent', async () => {
    const own = await OddStreamBench.start({ silenceTimeout: '500ms' });
    try {
      const door = await own.door('silent');
      const publisher = await own.publisher(door);
      await publisher.send((await plain()).slice(0, 120));
      await own.expectAccounted(door, publisher.sent);
      expect((await own.epochs(door)).map(({ endReason }) => endReason)).toEqual(['no media for 0.5 s']);
      publisher.vanish();
    } finally {
      await own.stop();
    }
  });

  it('that is taken over from loses nothing of what was read, and its epoch ends before the next begins', async () => {
    const own = await OddStreamBench.start({ takeover: true });
    try {
      const door = await own.door('taken-over');
      const steps = await plain();
      const first = await own.publisher(door);
      await first.send(steps);
      await first.read();
      const second = await own.publish(door, steps);
      await first.refused();
      await own.expectAccounted(door, { video: first.sent.video + second.video, audio: first.sent.audio + second.audio });
      expect(await own.epochs(door)).toHaveLength(2);
    } finally {
      await own.stop();
    }
  });

  it('that never sends a keyframe is counted, and refused with the reason', async () => {
    const own = await OddStreamBench.start({ keyframeTimeout: '500ms' });
    try {
      const door = await own.door('no-keyframe');
      const before = await own.publish(door, await plain());
      const publisher = await own.publisher(door);
      await publisher.send(without(await plain(), keyframe));
      await publisher.refused();
      await own.expectAccounted(door, { video: before.video + publisher.sent.video, audio: before.audio + publisher.sent.audio });
      expect(await own.state(door)).toEqual({ state: 'failed', detail: 'no video: no keyframe in time' });
    } finally {
      await own.stop();
    }
  });

  it('whose sound is not kept reads why in the state of its stream', async () => {
    const door = await bench.door('told');
    const publisher = await bench.publisher(door);
    const payload = Buffer.concat([Buffer.from([0xb2]), Buffer.alloc(40)]);
    await publisher.send([{ kind: 'raw', track: 'audio', timestampMs: 0, payload, frames: 1 }, ...(await of({ hasAudio: false }))]);
    const detail = 'Sound is Speex and is not kept: send AAC, Opus or MP3';
    await until('the state to say so when media flows', async () => {
      const [state, { rows }] = [
        await bench.state(door),
        await bench.sql.query('SELECT FROM segments WHERE stream_id = $1', [door.streamId]),
      ];
      return rows.length > 0 && state.state === 'live' && state.detail === detail;
    });
    await publisher.close();
    await bench.expectAccounted(door, publisher.sent);
  });

  it.each([
    ['VP8', 'vp08'],
    ['VVC', 'vvc1'],
  ])('of %s is refused in words, and what it sent before is kept', async (name, fourCc) => {
    const door = await bench.door(`refused-${fourCc.toLowerCase()}`);
    const publisher = await bench.publisher(door);
    await publisher.send(await plain());
    const payload = Buffer.concat([Buffer.from([0x91]), Buffer.from(fourCc), Buffer.from([1, 2, 3])]);
    await publisher.send([{ kind: 'raw', track: 'video', timestampMs: 3000, payload, frames: 0 }]);
    await publisher.refused();
    await bench.expectAccounted(door, publisher.sent);
    expect(await bench.state(door)).toEqual({ state: 'failed', detail: `Video is ${name}: send H.264, HEVC, AV1 or VP9` });
  });
});
