import { describe, expect, it } from 'vitest';
import { Box, type FrameSpec } from '../plugin-api/index.js';
import { fitPicture } from './fit.js';

const spec = (fit: FrameSpec['fit'], widthPx = 640, heightPx = 640): FrameSpec => ({ widthPx, heightPx, fit, format: 'rgb24' });
const hd = { widthPx: 1280, heightPx: 720, sampleAspect: 1 };

describe(fitPicture.name, () => {
  it('letterboxes wide pictures with bars above and below', () => {
    expect(fitPicture(spec('letterbox'), hd)).toEqual({
      ...{ frameWidthPx: 640, frameHeightPx: 640, contentWidthPx: 640, contentHeightPx: 360, offsetXPx: 0, offsetYPx: 140 },
    });
  });

  it('letterboxes upright pictures with bars at the sides', () => {
    expect(fitPicture(spec('letterbox'), { widthPx: 720, heightPx: 1280, sampleAspect: 1 })).toMatchObject({
      contentWidthPx: 360,
      contentHeightPx: 640,
      offsetXPx: 140,
      offsetYPx: 0,
    });
  });

  it('enlarges small pictures when letterboxing, and leaves them small when fitting inside', () => {
    const small = { widthPx: 64, heightPx: 36, sampleAspect: 1 };
    expect(fitPicture(spec('letterbox'), small)).toMatchObject({ contentWidthPx: 640, contentHeightPx: 360 });
    expect(fitPicture(spec('inside'), small)).toMatchObject({ frameWidthPx: 64, frameHeightPx: 36 });
  });

  it('fits inside without padding', () => {
    expect(fitPicture(spec('inside', 320, 180), { widthPx: 640, heightPx: 480, sampleAspect: 1 })).toEqual({
      ...{ frameWidthPx: 240, frameHeightPx: 180, contentWidthPx: 240, contentHeightPx: 180, offsetXPx: 0, offsetYPx: 0 },
    });
  });

  it('stretches to the very size', () => {
    expect(fitPicture(spec('stretch', 100, 50), hd)).toMatchObject({
      frameWidthPx: 100,
      frameHeightPx: 50,
      contentWidthPx: 100,
      contentHeightPx: 50,
    });
  });

  it('keeps the aspect ratio of the displayed picture where pixels are not square', () => {
    // PAL widescreen: 720x576 shown as 1024x576.
    expect(fitPicture(spec('letterbox', 1024, 1024), { widthPx: 720, heightPx: 576, sampleAspect: 64 / 45 })).toMatchObject({
      contentWidthPx: 1024,
      contentHeightPx: 576,
    });
  });

  it('never makes a side of nothing', () => {
    expect(fitPicture(spec('inside', 32, 32), { widthPx: 8192, heightPx: 16, sampleAspect: 1 })).toMatchObject({
      contentWidthPx: 32,
      contentHeightPx: 1,
    });
  });

  it('is undone by Box, to the place in the displayed picture', () => {
    const fit = fitPicture(spec('letterbox'), hd);
    const box = Box.fromInputCornersPx(160, 140 + 90, 320, 140 + 180, fit);
    expect(box).toEqual(Box.from01(0.25, 0.25, 0.25, 0.25));
  });
});
