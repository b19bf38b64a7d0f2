import { FlowGate, type FrameLoss } from 'vedette/plugin';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../refusal.js';
import { FakePublishGate, type CapturedStream } from '../testing/fake-publish-gate.js';
import { aacFrame, aacHeader, avcHeader, interFrame, keyframe, shownLater } from '../testing/media-messages.js';
import { EpochFeed } from './epoch-feed.js';

function feedOf(streamFree: Promise<void> = Promise.resolve()) {
  const gate = new FakePublishGate();
  const stream = gate.stream('key');
  const flow = new FlowGate({ pause: () => undefined, resume: () => undefined });
  const stopped: string[] = [];
  const waiting: boolean[] = [];
  const feed = new EpochFeed({
    context: stream,
    remote: '127.0.0.1',
    flow,
    streamFree,
    wallClockMs: () => 1234,
    awaitingKeyframe: (isWaiting) => waiting.push(isWaiting),
    lost: (reason) => stopped.push(reason),
  });
  const sent = { video: 0, audio: 0 };
  return {
    ...{ gate, stream, flow, feed, stopped, waiting, sent },
    video: (timestampMs: number, payload: Buffer) => {
      sent.video += 1;
      feed.takeVideo(timestampMs % 2 ** 32, payload);
    },
    audio: (timestampMs: number, payload: Buffer = aacFrame()) => {
      sent.audio += 1;
      feed.takeAudio(timestampMs % 2 ** 32, payload);
    },
    headers: () => {
      feed.takeAudio(0, aacHeader());
      feed.takeVideo(0, avcHeader());
    },
  };
}

const lossesOf = (stream: CapturedStream): FrameLoss[] => [...stream.losses, ...stream.epochs.flatMap((epoch) => epoch.losses)];

/** Frames that came out: in an epoch, or in a loss. */
function accounted(stream: CapturedStream): { video: number; audio: number } {
  const frames = stream.epochs.flatMap((epoch) => epoch.frames);
  const losses = lossesOf(stream);
  return {
    video: frames.filter(({ track }) => track === 'video').length + losses.reduce((sum, loss) => sum + loss.videoFrames, 0),
    audio: frames.filter(({ track }) => track === 'audio').length + losses.reduce((sum, loss) => sum + loss.audioFrames, 0),
  };
}

/** Per epoch the markers of its frames. */
const markers = (stream: CapturedStream): string[][] =>
  stream.epochs.map(({ frames }) => frames.map(({ data }) => Buffer.from(data.subarray(-1)).toString('hex')));
const counted = (losses: readonly FrameLoss[]) => losses.map(({ reason, videoFrames, audioFrames }) => [reason, videoFrames, audioFrames]);

describe(EpochFeed.name, () => {
  it('opens no epoch before the previous publisher has left the stream, and holds its own meanwhile', async () => {
    const free = Promise.withResolvers<void>();
    const { feed, stream, flow, headers, video } = feedOf(free.promise);
    headers();
    video(0, keyframe());
    await Promise.resolve();
    expect(flow.held).toBe(true);
    expect(stream.epochs).toEqual([]);
    free.resolve();
    await feed.end('over');
    expect(flow.held).toBe(false);
    expect(stream.epochs.map((epoch) => [epoch.opening.startedAtMs, epoch.endedBecause])).toEqual([[1234, 'over']]);
  });

  it('hands frames over as their encoder made them', async () => {
    const { feed, stream, headers, video, audio } = feedOf();
    feed.announce({ hasAudio: true, hasVideo: true, framesPerSecond: 25 });
    headers();
    const message = shownLater(keyframe(7), 80);
    video(0xfffffff0, message);
    message.fill(0); // the reader uses its memory again
    audio(2, aacFrame(8));
    await feed.end('over');
    expect(stream.epochs[0]!.opening.input).toEqual({
      kind: 'frames',
      video: { codec: 'h264', configuration: avcHeader().subarray(5), announcedFramesPerSecond: 25 },
      audio: { codec: 'aac', configuration: aacHeader().subarray(2) },
    });
    expect(stream.epochs[0]!.frames).toEqual([
      { track: 'video', dtsUs: 0, ptsUs: 80_000, keyframe: true, data: keyframe(7).subarray(5) },
      { track: 'audio', dtsUs: 18_000, ptsUs: 18_000, keyframe: true, data: aacFrame(8).subarray(2) },
    ]);
  });

  it('keeps media that still waited for its audio when the publisher leaves', async () => {
    const { feed, stream, video } = feedOf();
    feed.takeVideo(0, avcHeader());
    video(0, keyframe());
    await feed.end('over');
    expect(stream.epochs[0]!.frames).toHaveLength(1);
  });

  it('says when the packager was lost, and settles its end all the same', async () => {
    const { feed, stream, stopped, gate, headers, video } = feedOf();
    headers();
    video(0, keyframe());
    await gate.until(() => stream.reports.length === 1, 'the epoch was reported live');
    stream.epochs[0]!.stop('the packager died', new Error('exit 1'));
    await expect.poll(() => stopped).toEqual(['the packager died']);
    await feed.end('over');

    const failing = feedOf();
    failing.stream.openError = new Error('disk full');
    failing.headers();
    failing.video(0, interFrame());
    failing.video(0, keyframe());
    failing.audio(0);
    await failing.feed.end('over');
    await expect.poll(() => failing.stopped).toEqual(['the packager failed']);
    expect(failing.flow.held).toBe(false);
    expect(counted(failing.stream.losses)).toEqual([
      ['no-keyframe', 1, 0],
      ['packager-failed', 1, 1],
    ]);
  });
});

describe('frames that go nowhere', () => {
  it('belong to the epoch that follows when they came before its keyframe', async () => {
    const { feed, stream, headers, video } = feedOf();
    headers();
    video(0, interFrame());
    video(40, interFrame());
    video(80, keyframe());
    await feed.end('over');
    expect(stream.epochs[0]!.losses).toEqual([{ reason: 'no-keyframe', videoFrames: 2, audioFrames: 0 }]);
  });

  it('belong to the last epoch when none follows', async () => {
    const { feed, stream, headers, video } = feedOf();
    headers();
    video(0, keyframe());
    feed.takeVideo(40, avcHeader(1));
    video(40, interFrame());
    await feed.end('over');
    expect(counted(stream.epochs[0]!.losses)).toEqual([['no-keyframe', 1, 0]]);
    expect(stream.losses).toEqual([]);
  });

  it('belong to no epoch when there was none, for want of a header', async () => {
    const { feed, stream, video, audio } = feedOf();
    video(0, keyframe());
    audio(0);
    await feed.end('over');
    expect(stream.losses).toEqual([{ reason: 'no-configuration', videoFrames: 1, audioFrames: 1 }]);
  });

  it('are said to be damaged, and cost no more than themselves', async () => {
    const { feed, stream, headers, video, audio } = feedOf();
    headers();
    video(0, keyframe(1));
    video(40, interFrame(2).subarray(0, 10));
    video(80, interFrame(3));
    audio(90, Buffer.from([0xaf, 1, 0xff, 0xf1, 0x50]));
    audio(110, Buffer.from([0xaf, 1]));
    await feed.end('over');
    expect(markers(stream)).toEqual([['01', '03']]);
    expect(stream.epochs[0]!.losses).toEqual([{ reason: 'damaged', videoFrames: 1, audioFrames: 2, fromPtsUs: 40_000, toPtsUs: 110_000 }]);
  });

  it('take with them what depends on them when they are keyframes', async () => {
    const { feed, stream, headers, video } = feedOf();
    headers();
    video(0, keyframe(1));
    video(40, keyframe(2).subarray(0, 10));
    video(80, interFrame(3));
    video(120, shownLater(keyframe(4), 600_000));
    video(160, interFrame(5));
    video(200, keyframe(6));
    video(240, interFrame(7));
    await feed.end('over');
    expect(markers(stream)).toEqual([['01', '06', '07']]);
    expect(counted(stream.epochs[0]!.losses)).toEqual([
      ['damaged', 1, 0],
      ['no-keyframe', 2, 0],
      ['composition-offset', 1, 0],
    ]);
  });

  it('are those of one offset in one frame, and no others', async () => {
    const { feed, stream, headers, video } = feedOf();
    headers();
    video(0, keyframe(1));
    video(40, shownLater(interFrame(2), 600_000));
    video(80, shownLater(interFrame(3), -600_000));
    video(120, shownLater(interFrame(4), 10_000));
    await feed.end('over');
    expect(markers(stream)).toEqual([['01', '04']]);
    expect(counted(stream.epochs[0]!.losses)).toEqual([['composition-offset', 2, 0]]);
  });

  it('are those of epochs that core does not open any more', async () => {
    const { feed, stream, headers, video, sent, gate } = feedOf();
    headers();
    for (let i = 0; i < 10; i++) {
      feed.takeVideo(0, avcHeader(i % 2));
      video(i * 40, keyframe());
      if (i === 4) {
        await gate.until(() => stream.epochs.length === 5, 'five epochs were opened');
        stream.openError = new Error('too many');
      }
    }
    await feed.end('over');
    expect(stream.epochs).toHaveLength(5);
    expect(counted(stream.epochs[4]!.losses)).toEqual(Array.from({ length: 5 }, () => ['packager-failed', 1, 0]));
    expect(accounted(stream)).toEqual(sent);
  });
});

describe('clocks', () => {
  it('of one frame that jumps cost that frame', async () => {
    const { feed, stream, headers, video } = feedOf();
    headers();
    for (const [timeMs, marker] of [
      [0, 0],
      [40, 1],
      [600_000, 2],
      [120, 3],
      [2 ** 31, 4],
      [200, 5],
    ] as const) {
      video(timeMs, marker === 0 ? keyframe() : interFrame(marker));
    }
    await feed.end('over');
    expect(markers(stream)).toEqual([['00', '01', '03', '05']]);
    expect(counted(stream.epochs[0]!.losses)).toEqual([['clock-jump', 2, 0]]);
  });

  it('of one keyframe that jumps cost it and what depends on it, and no epoch', async () => {
    const { feed, stream, headers, video } = feedOf();
    headers();
    video(0, keyframe(1));
    video(600_000, keyframe(2));
    video(80, interFrame(3));
    video(120, keyframe(4));
    await feed.end('over');
    expect(markers(stream)).toEqual([['01', '04']]);
    expect(counted(stream.epochs[0]!.losses)).toEqual([
      ['clock-jump', 1, 0],
      ['no-keyframe', 1, 0],
    ]);
  });

  it.each([
    ['forward', 600_000],
    ['back', -9000],
    ['back to nothing', -20_000],
  ])('that jump %s for good begin another epoch at the next keyframe', async (_way, byMs) => {
    const { feed, stream, headers, video, audio, sent } = feedOf();
    headers();
    video(20_000, keyframe(1));
    audio(20_010, aacFrame(2));
    const newMs = 20_000 + byMs;
    video(newMs + 40, interFrame(3));
    audio(newMs + 50, aacFrame(4));
    video(newMs + 80, keyframe(5));
    audio(newMs + 90, aacFrame(6));
    video(newMs + 120, interFrame(7));
    await feed.end('over');
    expect(markers(stream)).toEqual([
      ['01', '02'],
      ['05', '06', '07'],
    ]);
    expect(counted(stream.epochs[0]!.losses)).toEqual([['clock-jump', 1, 1]]);
    expect(stream.epochs[0]!.endedBecause).toBe('timestamps jumped');
    expect(accounted(stream)).toEqual(sent);
  });

  it('of sound far away from its picture cost the sound, and no epoch', async () => {
    const { feed, stream, headers, video, audio } = feedOf();
    headers();
    for (let i = 0; i < 100; i++) {
      video(i * 40, i % 25 === 0 ? keyframe(i) : interFrame(i));
      audio(20_000 + i * 40);
    }
    await feed.end('over');
    expect(stream.epochs.map(({ frames }) => frames.length)).toEqual([100]);
    expect(lossesOf(stream)).toMatchObject([{ reason: 'clock-jump', videoFrames: 0, audioFrames: 100 }]);
  });

  it('that drift apart are no error', async () => {
    const { feed, stream, headers, video, audio, sent } = feedOf();
    headers();
    for (let i = 0; i < 3000; i++) {
      video(i * 40, i % 25 === 0 ? keyframe(i) : interFrame(i));
      audio(i * 44);
    }
    await feed.end('over');
    expect(stream.epochs[0]!.frames).toHaveLength(6000);
    expect(accounted(stream)).toEqual(sent);
  });

  it('never run backwards in what is handed over, whatever stands twice', async () => {
    const { feed, stream, headers, video } = feedOf();
    headers();
    for (const timeMs of [0, 40, 40, 33, 80, 0x7fffffff, 75]) video(timeMs, timeMs === 0 ? keyframe() : interFrame());
    await feed.end('over');
    expect(stream.epochs[0]!.frames.map(({ dtsUs, ptsUs }) => [dtsUs, ptsUs])).toEqual([
      [0, 0],
      [40_000, 40_000],
      [40_000, 40_000],
      [40_000, 33_000],
      [80_000, 80_000],
      [80_000, 75_000],
    ]);
  });

  it('may run for months in one epoch', async () => {
    const { feed, stream, headers, video } = feedOf();
    headers();
    const stepMs = 9000;
    const steps = Math.ceil((60 * 86_400_000) / stepMs);
    for (let i = 0; i <= steps; i++) video(i * stepMs, i === 0 ? keyframe() : interFrame());
    await feed.end('over');
    expect(stream.epochs).toHaveLength(1);
    expect(stream.epochs[0]!.frames.at(-1)!.dtsUs).toBe(steps * stepMs * 1000);
  });
});

describe('sound alone', () => {
  it('is taken after a while without a picture, or sooner where it was announced', async () => {
    const { feed, stream, audio, waiting, sent, gate } = feedOf();
    feed.takeAudio(0, aacHeader());
    for (let i = 0; i < 99; i++) audio(1000 + i * 20);
    expect(waiting).toEqual([true]);
    for (let i = 99; i < 200; i++) audio(1000 + i * 20);
    expect(waiting).toEqual([true, false]);
    await gate.until(() => stream.reports.at(-1)?.state === 'live', 'the epoch is live');
    await feed.end('over');
    expect(stream.epochs[0]!.input).toEqual({ kind: 'frames', audio: { codec: 'aac', configuration: aacHeader().subarray(2) } });
    expect(stream.epochs[0]!.frames).toHaveLength(200);
    expect(accounted(stream)).toEqual(sent);

    const announced = feedOf();
    announced.feed.announce({ hasAudio: true, hasVideo: false });
    announced.feed.takeAudio(0, aacHeader());
    for (let i = 0; i < 52; i++) announced.audio(i * 20);
    expect(announced.waiting).toEqual([true, false]);
    await announced.feed.end('over');
  });

  it('is kept however short it was', async () => {
    const { feed, stream, audio } = feedOf();
    feed.takeAudio(0, aacHeader());
    for (let i = 0; i < 5; i++) audio(i * 20);
    await feed.end('over');
    expect(stream.epochs.map(({ frames }) => frames.length)).toEqual([5]);
  });

  it('goes on with its picture in a new epoch when that comes late', async () => {
    const { feed, stream, audio, video, sent } = feedOf();
    feed.takeAudio(0, aacHeader());
    for (let i = 0; i < 1000; i++) audio(i * 20);
    feed.takeVideo(0, avcHeader());
    video(20_000, interFrame());
    video(20_040, keyframe());
    audio(20_040);
    await feed.end('over');
    expect(stream.epochs.map(({ frames, endedBecause }) => [frames.length, endedBecause])).toEqual([
      [1000, 'video begins'],
      [2, 'over'],
    ]);
    expect(accounted(stream)).toEqual(sent);
  });

  it('begins another epoch when its clock jumps or its format changes', async () => {
    const { feed, stream, audio, sent } = feedOf();
    feed.announce({ hasAudio: true, hasVideo: false });
    feed.takeAudio(0, aacHeader());
    for (let i = 0; i < 60; i++) audio(i * 20);
    for (let i = 0; i < 60; i++) audio(900_000 + i * 20);
    feed.takeAudio(0, aacHeader(1));
    for (let i = 0; i < 60; i++) audio(901_200 + i * 20);
    await feed.end('over');
    expect(stream.epochs.map(({ frames }) => frames.length)).toEqual([60, 60, 60]);
    expect(accounted(stream)).toEqual(sent);
  });
});

describe('sound beside a picture', () => {
  it('of a codec that is not kept costs no picture, and is told', async () => {
    const { feed, stream, video, audio, gate } = feedOf();
    feed.takeVideo(0, avcHeader());
    audio(0, Buffer.from([0x72, 1, 2, 3]));
    video(0, keyframe(1));
    audio(20, Buffer.from([0x72, 1, 2, 3]));
    video(40, interFrame(2));
    await gate.until(() => stream.reports.length > 0, 'the stream is live');
    await feed.end('over');
    expect(markers(stream)).toEqual([['01', '02']]);
    expect(counted(stream.epochs[0]!.losses)).toEqual([
      ['codec-unsupported', 0, 1],
      ['codec-unsupported', 0, 1],
    ]);
    expect(stream.reports).toEqual([{ state: 'live', detail: 'Sound is G.711 and is not kept: send AAC, Opus or MP3' }]);
  });

  it('of MP3 needs no header', async () => {
    const { feed, stream, video, audio } = feedOf();
    feed.takeVideo(0, avcHeader());
    audio(0, Buffer.from([0x2f, 0xff, 0xfb, 0x90, 0x64, 1]));
    video(0, keyframe(1));
    audio(26, Buffer.from([0x2f, 0xff, 0xfb, 0x92, 0x64, 2]));
    await feed.end('over');
    expect(stream.epochs[0]!.input.audio).toEqual({ codec: 'mp3', configuration: new Uint8Array(0) });
    expect(markers(stream)).toEqual([['01', '01', '02']]);
  });

  it('on other tracks than the first is told of once, and is no loss', async () => {
    const { feed, stream, headers, video, gate } = feedOf();
    headers();
    video(0, keyframe(1));
    await gate.until(() => stream.reports.length > 0, 'the stream is live');
    const second = Buffer.concat([Buffer.from([0x95, 0x01]), Buffer.from('mp4a'), Buffer.from([1, 0x21, 9])]);
    feed.takeAudio(10, second);
    feed.takeAudio(30, second);
    await feed.end('over');
    expect(stream.reports.slice(1)).toEqual([{ state: 'live', detail: 'Of several sounds only the first one (track 0) is kept' }]);
    expect(lossesOf(stream)).toEqual([]);
  });
});

describe('every frame', () => {
  /** mulberry32: a failure can be run again by its seed. */
  const randomOf = (seed: number) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };

  it.each(Array.from({ length: 40 }, (_, i) => i + 1))('is in an epoch or in a loss, whatever a publisher does (seed %i)', async (seed) => {
    const random = randomOf(seed);
    const { feed, stream, video, audio, sent } = feedOf();
    const hostile = random() < 0.5 ? 0.02 : 0.3;
    let clockMs = Math.floor(random() * 2 ** 32);
    try {
      for (let i = 0; i < 600; i++) {
        clockMs += Math.floor(random() * 60);
        if (random() < hostile * 0.2) clockMs += Math.floor((random() - 0.4) * 10 ** (1 + random() * 9)) + 2 ** 32;
        const stamp = random() < hostile ? Math.floor(random() * 2 ** 32) : clockMs;
        if (random() < 0.01 || i === 2) feed.takeVideo(stamp, avcHeader(random() < 0.8 ? 0 : 1));
        if (random() < 0.01 || i === 5) feed.takeAudio(stamp, aacHeader(random() < 0.8 ? 0 : 1));
        if (random() < 0.5) {
          const whole = random() < 0.1 ? keyframe(i) : interFrame(i);
          const frame = random() < hostile ? shownLater(whole, Math.floor((random() - 0.5) * 2 ** 23)) : whole;
          video(stamp, random() < hostile ? frame.subarray(0, 5 + Math.floor(random() * 7)) : frame);
        } else {
          audio(stamp, random() < hostile ? Buffer.from([0x72, 1]) : aacFrame(i));
        }
        if (random() < 0.02) await Promise.resolve();
      }
    } catch (error) {
      expect(error).toBeInstanceOf(Refusal);
    }
    await feed.end('over');
    expect(accounted(stream)).toEqual(sent);
    for (const { frames } of stream.epochs) {
      const lastUs = { video: 0, audio: 0 };
      for (const { track, dtsUs, ptsUs } of frames) {
        expect(dtsUs).toBeGreaterThanOrEqual(lastUs[track]);
        expect(Math.abs(ptsUs - dtsUs)).toBeLessThanOrEqual(10_100_000);
        lastUs[track] = dtsUs;
      }
    }
  });
});
