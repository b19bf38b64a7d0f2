import { describe, expect, it } from 'vitest';
import { FakePublishGate } from '../testing/fake-publish-gate.js';
import { framesOf, aacHeader, avcHeader, interFrame, keyframe } from '../testing/media-messages.js';
import { EpochFeed } from './epoch-feed.js';
import { FlowGate } from './flow-gate.js';

function feedOf(streamFree: Promise<void> = Promise.resolve()) {
  const gate = new FakePublishGate();
  const stream = gate.stream('key');
  const flow = new FlowGate({ pause: () => undefined, resume: () => undefined });
  const losses: string[] = [];
  const feed = new EpochFeed({
    context: stream,
    remote: '127.0.0.1',
    flow,
    streamFree,
    wallClockMs: () => 1234,
    awaitingKeyframe: () => undefined,
    lost: (reason) => losses.push(reason),
  });
  return { gate, stream, flow, feed, losses };
}

describe(EpochFeed.name, () => {
  it('ends an epoch before FLV time runs out, at a keyframe', async () => {
    const { feed, stream } = feedOf();
    const stepMs = 9000;
    const steps = Math.ceil((24 * 86_400_000) / stepMs) + 2;
    feed.audio(0, aacHeader());
    feed.video(0, avcHeader());
    for (let i = 0; i <= steps; i++) feed.video((i * stepMs) % 2 ** 32, i === 0 || i === steps ? keyframe(1) : interFrame(2));
    await feed.end('over');
    expect(stream.epochs.map((epoch) => epoch.endedBecause)).toEqual(['the epoch is 24 days long', 'over']);
    expect(framesOf(stream.epochs[0]!.bytes).at(-1)?.timestampMs).toBe((steps - 1) * stepMs);
    expect(framesOf(stream.epochs[1]!.bytes).map((frame) => frame.timestampMs)).toEqual([0]);
  });

  it('opens no epoch before the previous publisher has left the stream, and holds its own meanwhile', async () => {
    const free = Promise.withResolvers<void>();
    const { feed, stream, flow } = feedOf(free.promise);
    feed.audio(0, aacHeader());
    feed.video(0, avcHeader());
    feed.video(0, keyframe());
    await Promise.resolve();
    expect(flow.held).toBe(true);
    expect(stream.epochs).toEqual([]);
    free.resolve();
    await feed.end('over');
    expect(flow.held).toBe(false);
    expect(stream.epochs.map((epoch) => [epoch.opening.startedAtMs, epoch.endedBecause])).toEqual([[1234, 'over']]);
  });

  it('keeps media that still waited for its audio when the publisher leaves', async () => {
    const { feed, stream } = feedOf();
    feed.video(0, avcHeader());
    feed.video(0, keyframe());
    await feed.end('over');
    expect(framesOf(stream.epochs[0]!.bytes)).toHaveLength(1);
  });

  it('says when the packager was lost, and settles its end all the same', async () => {
    const { feed, stream, losses, gate } = feedOf();
    feed.audio(0, aacHeader());
    feed.video(0, avcHeader());
    feed.video(0, keyframe());
    await gate.until(() => stream.reports.length === 1, 'the epoch was reported live');
    stream.epochs[0]!.stop('the packager died', new Error('exit 1'));
    await expect.poll(() => losses).toEqual(['the packager died']);
    await feed.end('over');

    const failing = feedOf();
    failing.stream.openError = new Error('disk full');
    failing.feed.audio(0, aacHeader());
    failing.feed.video(0, avcHeader());
    failing.feed.video(0, keyframe());
    await failing.feed.end('over');
    await expect.poll(() => failing.losses).toEqual(['the packager failed']);
    expect(failing.flow.held).toBe(false);
  });
});
