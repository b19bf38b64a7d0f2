import { beforeEach, describe, expect, it } from 'vitest';
import type { ProbedSegment } from '../persistence/ledger/ingest-ledger.js';
import { LiveHealth } from './live-health.js';

const LIMITS = { silenceTimeoutMs: 3000, segmentDurationMs: 2000 };

describe(LiveHealth, () => {
  let told: (string | undefined)[];
  let health: LiveHealth;
  let frames: number;
  let sequence: number;
  beforeEach(() => {
    told = [];
    health = new LiveHealth(LIMITS, (trouble) => told.push(trouble));
    [frames, sequence] = [0, 0];
  });
  /** Half a second at a time, as the packager tells it. */
  const play = (fromS: number, toS: number, fps: number): void => {
    for (let at = fromS; at <= toS; at += 0.5) {
      frames += fps / 2;
      health.progress({ videoFrames: Math.floor(frames), positionUs: at * 1_000_000 });
    }
  };
  const segment = (patch: Partial<ProbedSegment> = {}): void =>
    health.segment({
      ...{ sequence: sequence++, path: 's/e/0.ts', sizeBytes: 1, state: 'ready', ptsStartUs: 0, ptsEndUs: 1, frameCount: 50 },
      ...{ keyframePtsUs: [0], hasSound: true, ...patch },
    });

  it('reports nothing about a stream that goes on', () => {
    for (let at = 0; at < 20; at += 2) {
      play(at, at + 1.5, 25);
      segment();
    }
    expect(told).toEqual([]);
  });

  it('tells within the time-out that pictures stopped while the sound goes on, once, and when they come again', () => {
    play(0, 2, 25);
    play(2.5, 4.5, 0);
    expect(told).toEqual([]);
    play(5, 30, 0);
    expect(told).toEqual([expect.stringMatching(/^No picture for 3 s while the sound goes on: look at the camera/)]);
    expect(health.measures).toMatchObject({ noPictureMs: 28_000, noKeyframeMs: null });
    play(30.5, 30.5, 25);
    segment();
    expect(told.slice(1)).toEqual([undefined]);
    expect(health.measures).toEqual({
      noPictureMs: null,
      noKeyframeMs: null,
      writeFault: null,
      declaredFrameRateFps: null,
      framesLostByCause: null,
    });
  });

  it('learns that pictures come seldom', () => {
    for (let at = 0; at < 40; at += 5) {
      play(at, at, 2);
      play(at + 0.5, at + 4.5, 0);
      segment();
    }
    expect(told.length).toBeLessThanOrEqual(2);
    expect(told.at(-1)).toBeUndefined();
  });

  it('tells that no keyframe comes, and that one came', () => {
    play(0, 8.5, 25);
    expect(told).toEqual([]);
    play(9, 9.5, 25);
    expect(told).toEqual([expect.stringMatching(/^No keyframe for 9 s.*keyframe interval to 2 s$/)]);
    expect(health.measures).toMatchObject({ noPictureMs: null, noKeyframeMs: 9_500 });
    segment();
    play(10, 10.5, 25);
    expect(told).toHaveLength(2);
    expect(told[1]).toBeUndefined();
  });

  it('gets used to an encoder that sends keyframes seldom', () => {
    for (let at = 0; at < 60; at += 10) {
      play(at, at + 9.5, 25);
      segment();
    }
    expect(told).toEqual([expect.stringContaining('No keyframe'), undefined]);
  });

  it('says nothing of keyframes to a stream without pictures', () => {
    play(0, 60, 0);
    expect(told).toEqual([]);
  });

  it('reports intra refresh, with what to switch off', () => {
    segment();
    segment({ keyframePtsUs: [] });
    segment({ keyframePtsUs: [] });
    expect(told).toEqual([expect.stringContaining('switch intra refresh off')]);
  });

  it('reports sound that was there and has stopped', () => {
    segment({ hasSound: false });
    expect(told).toEqual([]);
    segment();
    segment({ hasSound: false });
    segment({ hasSound: false });
    segment();
    expect(told).toEqual([expect.stringContaining('No sound since segment 2'), undefined]);
  });

  it('tells the gravest first', () => {
    segment({ keyframePtsUs: [] });
    segment({ state: 'unreadable', error: 'VD_MEDIA_EMPTY: 0 bytes', frameCount: 0, keyframePtsUs: [] });
    segment();
    expect(told).toEqual([
      expect.stringContaining('intra refresh'),
      expect.stringMatching(/^Segment 1 is lost \(VD_MEDIA_EMPTY: 0 bytes\): look at the disk/),
      undefined,
    ]);
  });
});
