import { describe, expect, it } from 'vitest';
import { aDetection } from '../testing/wire-samples';
import { DetectionTimeline } from './detection-timeline';

const FRAME_US = 33_333;

function timeline(...ptsUs: number[]): DetectionTimeline {
  const it = new DetectionTimeline();
  // Five frames a second, each with something in it.
  for (let pts = 0; pts < 1_000_000; pts += 200_000) it.add(aDetection(pts, { runId: 'history', ordinal: pts }));
  ptsUs.forEach((pts, i) => it.add(aDetection(pts, { runId: 'r', ordinal: i })));
  return it;
}

describe(DetectionTimeline.name, () => {
  it('shows the detections of the very frame as exact', () => {
    expect(timeline(1_000_000).at('epoch-1', 1_000_000)).toMatchObject([{ ptsUs: 1_000_000, exact: true, age: 0 }]);
  });

  it('takes a rounding of some microseconds for the same frame, a neighbouring frame never', () => {
    const it = timeline(1_000_000);
    expect(it.at('epoch-1', 1_000_011)[0]?.exact).toBe(true);
    expect(it.at('epoch-1', 999_989)[0]?.exact).toBe(true);
    expect(it.at('epoch-1', 1_000_000 + FRAME_US)[0]?.exact).toBe(false);
    expect(it.at('epoch-1', 1_000_000 - FRAME_US)[0]?.ptsUs).toBe(800_000);
  });

  it('holds a sample until its successor is due and no longer', () => {
    const it = timeline(1_000_000);
    const held = it.at('epoch-1', 1_100_000)[0];
    expect(held).toMatchObject({ ptsUs: 1_000_000, exact: false });
    expect(held?.age).toBeCloseTo(0.4);
    expect(it.at('epoch-1', 1_000_000 + 5 * FRAME_US)).toHaveLength(1);
    expect(it.at('epoch-1', 1_250_000)).toEqual([]);
  });

  it('learns the sampling although most frames show nothing, and never holds a box for longer than a second', () => {
    const sparse = new DetectionTimeline();
    for (const pts of [0, 200_000, 2_000_000, 2_200_000, 9_000_000, 9_200_000]) sparse.add(aDetection(pts, { ordinal: pts }));
    expect(sparse.at('epoch-1', 9_400_000)).toHaveLength(1);
    expect(sparse.at('epoch-1', 9_500_000)).toEqual([]);
    const keyframes = new DetectionTimeline();
    for (const pts of [0, 4_000_000, 8_000_000]) keyframes.add(aDetection(pts, { ordinal: pts }));
    expect(keyframes.at('epoch-1', 8_900_000)).toHaveLength(1);
    expect(keyframes.at('epoch-1', 9_000_000)).toEqual([]);
  });

  it('never shows a sample that lies ahead of the frame', () => {
    expect(timeline(1_000_000, 1_200_000).at('epoch-1', 1_150_000)[0]?.ptsUs).toBe(1_000_000);
  });

  it('puts what moved on its way where the next sample is known, and lets the nearer sample tell of what has no partner there', () => {
    const it = timeline();
    it.add(aDetection(1_000_000, { ordinal: 0, box: { x: 0.1, y: 0.1, width: 0.2, height: 0.2 } }));
    it.add(aDetection(1_000_000, { ordinal: 1, label: 'dog', box: { x: 0.6, y: 0.1, width: 0.2, height: 0.2 } }));
    const boxes = () => it.at('epoch-1', 1_050_000)[0]!.detections.map((d) => [d.label, +d.box.x.toFixed(3), d.between ?? false]);
    expect(boxes()).toEqual([
      ['car', 0.1, false],
      ['dog', 0.6, false],
    ]);
    it.add(aDetection(1_200_000, { ordinal: 2, box: { x: 0.2, y: 0.1, width: 0.2, height: 0.2 } }));
    expect(boxes()).toEqual([
      ['car', 0.125, true],
      ['dog', 0.6, false],
    ]);
    expect(it.at('epoch-1', 1_150_000)[0]!.detections.map(({ label }) => label)).toEqual(['car']);
    expect(it.at('epoch-1', 1_200_000)[0]).toMatchObject({ exact: true, detections: [{ box: { x: 0.2 } }] });
  });

  it('puts nothing on its way over frames that were analysed and showed nothing', () => {
    const it = timeline();
    it.add(aDetection(2_000_000, { ordinal: 0, box: { x: 0.1, y: 0.1, width: 0.2, height: 0.2 } }));
    it.add(aDetection(2_600_000, { ordinal: 1, box: { x: 0.2, y: 0.1, width: 0.2, height: 0.2 } }));
    expect(it.at('epoch-1', 2_100_000)[0]!.detections[0]).toMatchObject({ box: { x: 0.1 } });
  });

  const tracked = (ptsUs: number, x: number, trackId = 't1') =>
    aDetection(ptsUs, { runId: `r${ptsUs}`, trackId, box: { x, y: 0.1, width: 0.2, height: 0.2 } });
  const other = (ptsUs: number) => aDetection(ptsUs, { runId: `o${ptsUs}`, label: 'sign', trackId: 't9' });

  it('shows a track over samples that missed it, for half a second at most', () => {
    const it = timeline();
    // Seen at 1.0 and 1.4 s, not at 1.2 s, where only something else was.
    for (const detection of [tracked(1_000_000, 0.1), other(1_000_000), other(1_200_000), tracked(1_400_000, 0.3), other(1_400_000)])
      it.add(detection);
    const cars = (ptsUs: number) =>
      it
        .at('epoch-1', ptsUs)
        .flatMap(({ detections }) => detections.filter(({ trackId }) => trackId === 't1').map(({ box }) => +box.x.toFixed(3)));
    expect([1_100_000, 1_200_000, 1_300_000].map(cars)).toEqual([[0.15], [0.2], [0.25]]);
    // Next seen 600 ms later and elsewhere: where it was meanwhile nobody knows.
    it.add(tracked(2_000_000, 0.6));
    expect(cars(1_600_000)).toEqual([]);
  });

  it('holds no box of a track that is known to be somewhere else soon after', () => {
    const it = timeline();
    it.add(tracked(2_000_000, 0.1));
    it.add(tracked(2_600_000, 0.5));
    expect(it.at('epoch-1', 2_100_000).flatMap(({ detections }) => detections)).toEqual([]);
    it.add(tracked(5_000_000, 0.1));
    it.add(tracked(5_600_000, 0.105));
    expect(it.at('epoch-1', 5_100_000)[0]!.detections).toHaveLength(1);
  });

  it('knows where a track was before', () => {
    const it = timeline();
    for (const i of [0, 1, 2]) it.add(tracked(2_000_000 + i * 200_000, 0.1 * i));
    expect(it.trail(tracked(2_400_000, 0.2), 2_500_000).map(({ x }) => +x.toFixed(2))).toEqual([0.1, 0.2, 0.3]);
  });

  it('never mixes epochs, whose clocks may run over the same pts', () => {
    const it = timeline(1_000_000);
    it.add(aDetection(1_000_000, { epochId: 'epoch-2', label: 'dog' }));
    expect(it.at('epoch-1', 1_000_000)[0]?.detections.map((d) => d.label)).toEqual(['car']);
    expect(it.at('epoch-2', 1_000_000)[0]?.detections.map((d) => d.label)).toEqual(['dog']);
  });

  it('keeps analyzers apart, each with its own sampling', () => {
    const it = timeline(1_000_000);
    it.add(aDetection(700_000, { analyzerId: 'logos', label: 'acme' }));
    expect(it.at('epoch-1', 1_000_000).map((shown) => [shown.analyzerId, shown.exact])).toEqual([
      ['objects', true],
      ['logos', false],
    ]);
  });

  it('knows who has seen something, who saw most first', () => {
    const it = timeline(1_000_000);
    it.add(aDetection(700_000, { analyzerId: 'a-logos', label: 'acme' }));
    expect(it.analyzerIds()).toEqual(['objects', 'a-logos']);
    expect(new DetectionTimeline().analyzerIds()).toEqual([]);
  });

  it('changes nothing when a message comes twice', () => {
    const it = timeline(1_000_000);
    const before = it.size;
    it.add(aDetection(1_000_000, { runId: 'r', ordinal: 0 }));
    expect(it.at('epoch-1', 1_000_000)[0]?.detections).toHaveLength(1);
    expect(it.size).toBe(before);
  });

  it('is bounded: the oldest samples and epochs are forgotten', () => {
    const it = new DetectionTimeline(3, 2);
    for (const epochId of ['a', 'b', 'c']) for (let i = 0; i < 5; i++) it.add(aDetection(i * 1000, { epochId, ordinal: i }));
    expect(it.size).toBe(6);
    expect(it.at('a', 4000)).toEqual([]);
    expect(it.at('c', 4000)).toHaveLength(1);
  });
});
