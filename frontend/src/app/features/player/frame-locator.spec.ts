import { beforeEach, describe, expect, it } from 'vitest';
import { SegmentIndex } from '../../core/segment-index';
import { aSegment } from '../../testing/wire-samples';
import { FragmentTimeline, parseSegmentUrl } from './fragment-timeline';
import { locateFrame, mediaTimeOf, snapToTickUs } from './frame-locator';

/** How a browser tells a media time: seconds, from whole microseconds cut off. */
const asTold = (seconds: number): number => Math.floor(seconds * 1e6) / 1e6;

let timeline: FragmentTimeline;
let segments: SegmentIndex;

/** Fragments of 2 s from 40 s on; audio begins 23 ms before the picture. */
beforeEach(() => {
  timeline = new FragmentTimeline();
  segments = new SegmentIndex();
  for (let sequence = 0; sequence < 5; sequence++) {
    segments.add(aSegment(sequence));
    const startSeconds = 40 + sequence * 2;
    timeline.put({
      epochId: 'epoch-1',
      sequence,
      startSeconds: startSeconds - 0.023,
      durationSeconds: 2.023,
      videoStartSeconds: startSeconds,
    });
  }
});

describe(locateFrame.name, () => {
  it('names every frame of every segment by the pts the segment holds', () => {
    for (let frame = 0; frame < 300; frame++) {
      const located = locateFrame(asTold(40 + frame / 30), timeline, segments);
      const ticks = 132_000 + frame * 3_000;
      expect(located).toMatchObject({ kind: 'frame', frame: { sequence: Math.floor(frame / 60), ptsUs: Math.round((ticks * 100) / 9) } });
    }
  });

  it('does not take the end of a segment for the next one, whose audio begins earlier', () => {
    expect(locateFrame(asTold(42 - 1 / 30), timeline, segments)).toMatchObject({ frame: { sequence: 0 } });
    expect(locateFrame(asTold(42), timeline, segments)).toMatchObject({ frame: { sequence: 1 } });
  });

  it('gives the frame its place on the wall clock', () => {
    const located = locateFrame(43, timeline, segments);
    expect(located.kind === 'frame' && located.frame.atMs).toBe(segments.get('epoch-1', 1)!.startMs + 1_000);
  });

  it('follows a new epoch, whose pts begin anew', () => {
    segments.add(aSegment(0, { epochId: 'epoch-2', id: '900', ptsStartUs: 0, ptsEndUs: 2_000_000 }));
    timeline.put({ epochId: 'epoch-2', sequence: 0, startSeconds: 50, durationSeconds: 2, videoStartSeconds: 50 });
    expect(locateFrame(asTold(50 + 7 / 30), timeline, segments)).toMatchObject({ frame: { epochId: 'epoch-2', ptsUs: 233_333 } });
  });

  it('is not misled by pictures that the player moved at the head of an epoch to close the seam', () => {
    segments.add(aSegment(0, { epochId: 'epoch-2', id: '900', ptsStartUs: 160_000, ptsEndUs: 2_160_000 }));
    const place = { epochId: 'epoch-2', sequence: 0, startSeconds: 50, durationSeconds: 2.16, isSeam: true };
    // The first picture was drawn to 50.00 s, or some were put off to 50.24 s; the others are where they belong, the first at 50.16 s.
    for (const videoStartSeconds of [50, 50.24]) {
      timeline.put({ ...place, videoStartSeconds, videoEndSeconds: 52.16 });
      expect(locateFrame(asTold(51), timeline, segments)).toMatchObject({ frame: { epochId: 'epoch-2', ptsUs: 1_000_000 } });
      expect(mediaTimeOf('epoch-2', 1_000_000, timeline, segments)).toBeCloseTo(51, 5);
    }
    timeline.put({ ...place, videoStartSeconds: 50, videoEndSeconds: 52.16 });
    expect(locateFrame(50, timeline, segments)).toMatchObject({ frame: { epochId: 'epoch-2', ptsUs: 160_000 } });
  });

  it('says which segment it lacks', () => {
    timeline.put({ epochId: 'epoch-1', sequence: 9, startSeconds: 58, durationSeconds: 2, videoStartSeconds: null });
    expect(locateFrame(59, timeline, segments)).toMatchObject({ kind: 'unknown-segment', place: { sequence: 9 } });
  });

  it('names nothing before the first and long after the last fragment', () => {
    expect(locateFrame(12, timeline, segments).kind).toBe('nowhere');
    expect(locateFrame(70, timeline, segments).kind).toBe('nowhere');
  });
});

describe(mediaTimeOf.name, () => {
  it('is the way back', () => {
    for (let frame = 0; frame < 300; frame += 7) {
      const ptsUs = snapToTickUs(1_466_667 + (frame * 1e6) / 30);
      expect(mediaTimeOf('epoch-1', ptsUs, timeline, segments)).toBeCloseTo(40 + frame / 30, 5);
    }
    expect(mediaTimeOf('epoch-1', 99_000_000, timeline, segments)).toBeNull();
  });
});

describe(FragmentTimeline.name, () => {
  it('keeps what demuxing told when the playlist is read again', () => {
    timeline.put({ epochId: 'epoch-1', sequence: 2, startSeconds: 43.977, durationSeconds: 2.023, videoStartSeconds: null });
    expect(timeline.get('epoch-1', 2)?.videoStartSeconds).toBe(44);
  });

  it('is bounded', () => {
    for (let i = 0; i < 2_000; i++)
      timeline.put({ epochId: 'e', sequence: i, startSeconds: 100 + i, durationSeconds: 1, videoStartSeconds: null });
    expect(timeline.get('e', 0)).toBeNull();
    expect(timeline.get('e', 1_999)).not.toBeNull();
  });

  it('keeps all of a playlist, however long', () => {
    timeline.expect(2_000);
    for (let i = 0; i < 2_000; i++)
      timeline.put({ epochId: 'e', sequence: i, startSeconds: 100 + i, durationSeconds: 1, videoStartSeconds: null });
    expect(timeline.at(100.5)?.sequence).toBe(0);
  });
});

describe(parseSegmentUrl.name, () => {
  it('reads epoch and sequence from a segment’s address', () => {
    expect(parseSegmentUrl('http://host:8080/streaming/s-1/e-1/000123.ts')).toEqual({ streamId: 's-1', epochId: 'e-1', sequence: 123 });
    expect(parseSegmentUrl('/streaming/s-1/e-1/000000.m4s?x=1')).toMatchObject({ sequence: 0 });
  });

  it('takes nothing else for one', () => {
    for (const url of ['/streaming/s-1/live.m3u8', '/streaming/s-1/e-1/init.mp4', 'blob:http://host/1'])
      expect(parseSegmentUrl(url)).toBeNull();
  });
});
