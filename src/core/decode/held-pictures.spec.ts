import { Frame as AvFrame } from 'node-av/lib';
import { AV_PIX_FMT_YUV420P } from 'node-av/constants';
import { afterEach, describe, expect, it } from 'vitest';
import { HeldPictures } from './held-pictures.js';

const open: { close(): void }[] = [];
afterEach(() => open.splice(0).forEach((one) => one.close()));

function grey(level: number, [widthPx, heightPx]: readonly [number, number] = [320, 180], sampleAspect = { num: 1, den: 1 }): AvFrame {
  const frame = new AvFrame();
  frame.alloc();
  Object.assign(frame, { width: widthPx, height: heightPx, format: AV_PIX_FMT_YUV420P, sampleAspectRatio: sampleAspect });
  frame.getBuffer(1);
  frame.data!.slice(0, 3).forEach((plane, i) => plane.fill(i === 0 ? level : 128));
  open.push({ close: () => frame.free() });
  return frame;
}

function held(maxBytes?: number): HeldPictures {
  const pictures = new HeldPictures(maxBytes);
  open.push(pictures);
  return pictures;
}

const levelOf = (pictures: HeldPictures, ptsUs: number): number => pictures.at(ptsUs)!.rgb[3 * 1000]!;

describe(HeldPictures.name, () => {
  it('holds pictures as they were, whatever becomes of the frame they came in', () => {
    const pictures = held();
    pictures.begin(2);
    const first = grey(60);
    pictures.hold(first, 0, 100);
    first.unref();
    pictures.hold(grey(200), 1, 200);
    expect(pictures.at(100)).toMatchObject({ widthPx: 320, heightPx: 180 });
    expect(levelOf(pictures, 100)).toBeLessThan(levelOf(pictures, 200) - 100);
    expect([pictures.has(200), pictures.has(150), pictures.at(150)]).toEqual([true, false, undefined]);
  });

  it('holds all of them smaller where they would take too much, each to its share', () => {
    const pictures = held(300_000);
    pictures.begin(10);
    for (let i = 0; i < 10; i++) pictures.hold(grey(20 * i + 20, [640, 360]), i, i);
    const bytes = Array.from({ length: 10 }, (_, i) => pictures.at(i)!.rgb.length).reduce((sum, length) => sum + length, 0);
    expect(bytes).toBeLessThanOrEqual(300_000);
    expect(bytes).toBeGreaterThan(200_000);
    const { widthPx, heightPx } = pictures.at(0)!;
    expect(widthPx / heightPx).toBeCloseTo(16 / 9, 1);
    expect(levelOf(pictures, 9)).toBeGreaterThan(levelOf(pictures, 0) + 100);
  });

  it('shows them as they are displayed, where pixels are not square', () => {
    const pictures = held();
    pictures.begin(1);
    pictures.hold(grey(60, [360, 288], { num: 16, den: 15 }), 0, 0);
    expect(pictures.at(0)).toMatchObject({ widthPx: 384, heightPx: 288 });
  });

  it('lets go of those that are not sound', () => {
    const pictures = held();
    pictures.begin(3);
    for (const position of [0, 1, 2]) pictures.hold(grey(90), position, position * 100);
    pictures.retract((position) => position >= 1);
    expect([0, 100, 200].map((ptsUs) => pictures.has(ptsUs))).toEqual([true, false, false]);
  });
});
