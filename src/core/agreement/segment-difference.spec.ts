import { describe, expect, it } from 'vitest';
import { type AnalysisResult, Box } from '../plugin-api/index.js';
import { compareEvents, RangeDifference } from './range-difference.js';
import { type KnownResults, OTHER, segmentDifference } from './segment-difference.js';

const NOTHING: KnownResults = { detections: [], metrics: [], observations: [] };
const at = (x: number) => Box.from01(x, 0.1, 0.2, 0.2);
const seen = (ptsUs: number, label: string, x: number) => ({ type: 'detection', ptsUs, label, score: 0.9, box: at(x) }) as const;
const told = (phase: 'start' | 'update' | 'end', ptsUs: number, key = 'a') => ({ type: 'event', phase, key, name: 'in', ptsUs }) as const;

describe('what two passes over a segment found', () => {
  it('is matched by frame, label and place', () => {
    const known = {
      ...NOTHING,
      detections: [seen(0, 'cat', 0.1), seen(0, 'cat', 0.6), seen(40_000, 'dog', 0.1), seen(80_000, 'cat', 0.1)],
    };
    const found = [seen(0, 'Cat ', 0.12), seen(40_000, 'cat', 0.1), seen(80_010, 'cat', 0.1), seen(120_000, 'cat', 0.5)];
    const { detections, examples } = segmentDifference(known, found);
    expect(detections).toEqual({ cat: [2, 1, 2], dog: [0, 1, 0] });
    expect(examples.map(({ foundBy, ptsUs, label }) => [foundBy, ptsUs, label])).toEqual([
      ['old', 0, 'cat'],
      ['old', 40_000, 'dog'],
      ['new', 40_000, 'cat'],
      ['new', 120_000, 'cat'],
    ]);
  });

  it('counts no box twice', () => {
    const known = { ...NOTHING, detections: [seen(0, 'cat', 0.1)] };
    expect(segmentDifference(known, [seen(0, 'cat', 0.1), seen(0, 'cat', 0.11)]).detections).toEqual({ cat: [1, 0, 1] });
  });

  it('adds metrics up by name and unit, and counts the rest by type', () => {
    const metric = (value: number) => ({ type: 'metric', ptsUs: 0, name: 'loudness', unit: 'LUFS', value }) as const;
    const found: AnalysisResult[] = [metric(3), { type: 'text', ptsUs: 0, data: { text: 'EXIT' } }];
    const { metrics, others } = segmentDifference(
      { ...NOTHING, metrics: [metric(1), metric(2)], observations: [{ type: 'track' }] },
      found,
    );
    expect({ metrics, others }).toEqual({ metrics: { 'loudness LUFS': [2, 3, 1, 3] }, others: { track: [1, 0], text: [0, 1] } });
  });

  it('tells so many names apart and no more', () => {
    const found = Array.from({ length: 300 }, (_, i) => seen(0, `thing ${i}`, 0.1));
    const { detections, examples } = segmentDifference(NOTHING, found);
    expect([Object.keys(detections).length, detections[OTHER], examples.length]).toEqual([201, [0, 0, 100], 4]);
  });
});

describe('what two passes over a range found', () => {
  const part = (sequence: number, found: readonly AnalysisResult[]) => ({
    ...{ streamId: 's', epochId: 'e', segmentId: String(sequence), ptsEndUs: (sequence + 1) * 100 },
    difference: segmentDifference(NOTHING, found),
  });

  it('is added up, and its events go on from segment to segment', () => {
    const range = new RangeDifference(1);
    range.add(part(0, [seen(0, 'cat', 0.1), told('start', 10), told('start', 20, 'b')]));
    range.add(part(1, [seen(100, 'cat', 0.1), told('end', 150)]));
    range.add(part(2, [told('end', 299), told('start', 250, 'c')]));
    expect(range.detections).toEqual([['cat', [0, 0, 2]]]);
    expect(range.examples).toHaveLength(1);
    expect(range.events.map(({ startPtsUs, endPtsUs }) => [startPtsUs, endPtsUs])).toEqual([
      [10, 150],
      [20, 100],
      [250, 300],
    ]);
  });

  it('has events that are matched once each, by what they have in common', () => {
    const event = (startPtsUs: number, endPtsUs: number, name = 'in') => ({ streamId: 's', epochId: 'e', name, startPtsUs, endPtsUs });
    const [a, b, c] = [event(0, 100), event(200, 300), event(0, 100, 'out')];
    const [x, y, z] = [event(90, 250), event(210, 290), event(400, 500)];
    const { matched, onlyOld, onlyNew } = compareEvents([a, b, c], [x, y, z]);
    expect(matched.map((pair) => [pair.old, pair.new])).toEqual([
      [b, y],
      [a, x],
    ]);
    expect([onlyOld, onlyNew]).toEqual([[c], [z]]);
  });
});
