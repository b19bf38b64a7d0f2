import { describe, expect, it } from 'vitest';
import { aRun, aSegment } from '../testing/wire-samples';
import { SegmentIndex } from './segment-index';

describe(SegmentIndex.name, () => {
  it('joins a run that arrived before its segment', () => {
    const index = new SegmentIndex();
    index.addRun(aRun(3));
    index.add(aSegment(3));
    expect(index.get('epoch-1', 3)?.runs.get('objects')?.state).toBe('done');
  });

  it('keeps the runs when a segment arrives again', () => {
    const index = new SegmentIndex();
    index.add(aSegment(3));
    index.addRun(aRun(3));
    index.add(aSegment(3));
    expect(index.get('epoch-1', 3)?.runs.size).toBe(1);
  });

  it('finds the segment that holds a pts, its end being the next one’s', () => {
    const index = new SegmentIndex();
    index.add(aSegment(0));
    index.add(aSegment(1));
    expect(index.holding('epoch-1', 1_466_667)?.segment.sequence).toBe(0);
    expect(index.holding('epoch-1', 3_466_666)?.segment.sequence).toBe(0);
    expect(index.holding('epoch-1', 3_466_667)?.segment.sequence).toBe(1);
    expect(index.holding('epoch-2', 1_466_667)).toBeNull();
  });

  it('is bounded', () => {
    const index = new SegmentIndex(10);
    for (let i = 0; i < 50; i++) index.add(aSegment(i));
    for (let i = 100; i < 150; i++) index.addRun(aRun(i));
    expect(index.size).toBe(10);
    expect(index.get('epoch-1', 39)).toBeNull();
    expect(index.get('epoch-1', 49)).not.toBeNull();
  });

  it('says how much of an epoch is known', () => {
    const index = new SegmentIndex();
    index.add(aSegment(0));
    index.add(aSegment(1));
    expect([index.lengthUs('epoch-1'), index.lengthUs('epoch-2')]).toEqual([4_000_000, 0]);
  });
});
