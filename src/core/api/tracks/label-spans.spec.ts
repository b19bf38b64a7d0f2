import { describe, expect, it } from 'vitest';
import type { DetectionWire } from '../../wire/wire.js';
import { LabelSpans } from './label-spans.js';

const seen = (label: string, seconds: number, epochId = 'e'): DetectionWire => ({
  ...{ runId: '1', ordinal: 0, streamId: 's', epochId, analyzerId: 'a', at: '', label, score: 1 },
  ...{ ptsUs: seconds * 1e6, box: { x: 0, y: 0, width: 1, height: 1 }, trackId: null, attributes: null },
});

const spansOf = (...detections: DetectionWire[]): unknown[] => {
  const spans = new LabelSpans();
  for (const detection of detections) spans.add(detection);
  return spans.end().map(({ epochId, label, startPtsUs, endPtsUs, most }) => [epochId, label, startPtsUs / 1e6, endPtsUs / 1e6, most]);
};

describe(LabelSpans.name, () => {
  it('are from the first picture to shortly after the last, over breaks of up to 2 s', () => {
    expect(spansOf(seen('cat', 1), seen('cat', 3), seen('cat', 5.1), seen('cat', 6))).toEqual([
      ['e', 'cat', 1, 3.5, 1],
      ['e', 'cat', 5.1, 6.5, 1],
    ]);
  });

  it('tell how many there were at most in one picture', () => {
    expect(spansOf(seen('cat', 1), seen('dog', 1), seen('cat', 1), seen('cat', 2))).toEqual([
      ['e', 'cat', 1, 2.5, 2],
      ['e', 'dog', 1, 1.5, 1],
    ]);
  });

  it('go over no epoch', () => {
    expect(spansOf(seen('cat', 1), seen('cat', 2, 'f'))).toEqual([
      ['e', 'cat', 1, 1.5, 1],
      ['f', 'cat', 2, 2.5, 1],
    ]);
  });
});
