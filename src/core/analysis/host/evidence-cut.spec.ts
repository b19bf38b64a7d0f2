import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { Box, RESULT_LIMITS } from '../../plugin-api/index.js';
import { around, cutEvidence } from './evidence-cut.js';

const picture = { widthPx: 1280, heightPx: 720 };

describe(around.name, () => {
  it('shows the box and some of what is around it', () => {
    expect(around(picture, Box.from01(0.5, 0.5, 0.1, 0.1))).toEqual({ x: 592, y: 312, widthPx: 224, heightPx: 168 });
    // Of something large a share of its longer side.
    expect(around(picture, Box.from01(0.25, 0.4, 0.5, 0.2))).toEqual({ x: 96, y: 64, widthPx: 1088, heightPx: 592 });
  });

  it('stays within the picture, and is never empty', () => {
    expect(around(picture, Box.from01(0, 0, 0.05, 0.05))).toEqual({ x: 0, y: 0, widthPx: 112, heightPx: 84 });
    expect(around(picture, Box.from01(0.95, 0.95, 0.05, 0.05))).toMatchObject({ x: 1168, widthPx: 112, heightPx: 84 });
    expect(around(picture, Box.from01(0, 0, 1, 1))).toEqual({ x: 0, y: 0, widthPx: 1280, heightPx: 720 });
    expect(around({ widthPx: 1, heightPx: 1 }, Box.from01(1, 1, 0, 0))).toEqual({ x: 0, y: 0, widthPx: 1, heightPx: 1 });
  });
});

describe(cutEvidence.name, () => {
  /** Noise does not compress: the worst that a camera can show. */
  const noise = (widthPx: number, heightPx: number) => {
    let state = 1;
    const rgb = Uint8Array.from({ length: widthPx * heightPx * 3 }, () => (state = (state * 48271) % 2147483647) & 255);
    return { rgb, widthPx, heightPx };
  };

  it('cuts the very pixels, of the part it says', async () => {
    const rgb = new Uint8Array(1280 * 720 * 3);
    for (let y = 360; y < 432; y++) rgb.set(new Uint8Array(128 * 3).fill(255), (y * 1280 + 640) * 3);
    const { jpegBase64, widthPx, heightPx, region } = await cutEvidence({ rgb, ...picture }, Box.from01(0.5, 0.5, 0.1, 0.1));
    expect({ widthPx, heightPx, region }).toEqual({
      widthPx: 224,
      heightPx: 168,
      region: Box.from01(592 / 1280, 312 / 720, 224 / 1280, 168 / 720),
    });
    const { data } = await sharp(Buffer.from(jpegBase64, 'base64')).greyscale().raw().toBuffer({ resolveWithObject: true });
    const at = (x: number, y: number): number => data[y * 224 + x]!;
    expect([at(52, 52), at(171, 115)].every((level) => level > 240)).toBe(true);
    expect([at(40, 80), at(184, 80), at(100, 40), at(100, 128)].every((level) => level < 16)).toBe(true);
  });

  it.each([
    [64, 36],
    [1920, 1080],
    [200, 2000],
  ])('keeps noise of %d x %d within what is allowed', async (widthPx, heightPx) => {
    const cut = await cutEvidence(noise(widthPx, heightPx), Box.from01(0, 0, 1, 1));
    expect(Buffer.from(cut.jpegBase64, 'base64').length).toBeLessThanOrEqual(RESULT_LIMITS.evidenceBytes);
    expect(Math.max(cut.widthPx, cut.heightPx)).toBeLessThanOrEqual(RESULT_LIMITS.evidenceSidePx);
    expect(cut.widthPx / cut.heightPx / (widthPx / heightPx)).toBeCloseTo(1, 1);
  });
});
