import { describe, expect, it } from 'vitest';
import { CodedError } from 'vedette/plugin';
import { InputSizes } from './input-size.js';

const FREE = { widthPx: null, heightPx: null };
const FIXED = { widthPx: 640, heightPx: 384 };
const COCO = { imgsz: '[416, 416]', stride: '32' };
type Wanted = { readonly widthPx: number; readonly heightPx: number };
const sizesOf = (metadata: Record<string, string>, wanted?: Wanted, layout: typeof FREE | typeof FIXED = FREE) =>
  InputSizes.of(layout, metadata, { wanted, fit: 'letterbox' });
const px = (widthPx: number, heightPx: number) => ({ widthPx, heightPx });

describe(InputSizes.name, () => {
  it.each([
    ['16:9', px(1920, 1080), px(416, 256)],
    ['4:3', px(768, 576), px(416, 320)],
    ['upright', px(1080, 1920), px(256, 416)],
    ['square', px(500, 500), px(416, 416)],
    ['smaller than the model', px(160, 90), px(416, 256)],
    ['a strip', px(4000, 10), px(416, 32)],
    ['of unknown size', px(0, 0), px(416, 416)],
  ])('cuts the bars off a letterbox: %s', (_, stream, size) => {
    expect(sizesOf(COCO).for(stream)).toEqual(size);
  });

  it('holds the picture as large as the letterbox of the model’s own size would, in multiples of the stride, and is never larger', () => {
    for (const stridePx of [8, 32, 64]) {
      const sizes = sizesOf({ imgsz: '[384, 640]', stride: String(stridePx) });
      for (let widthPx = 16; widthPx <= 4096; widthPx += 131) {
        for (let heightPx = 16; heightPx <= 2160; heightPx += 97) {
          const size = sizes.for({ widthPx, heightPx });
          const scale = Math.min(640 / widthPx, 384 / heightPx);
          expect([size.widthPx % stridePx, size.heightPx % stridePx], `${widthPx}x${heightPx}`).toEqual([0, 0]);
          expect(size.widthPx).toBeLessThanOrEqual(640);
          expect(size.heightPx).toBeLessThanOrEqual(384);
          expect(size.widthPx).toBeGreaterThanOrEqual(Math.round(widthPx * scale));
          expect(size.heightPx).toBeGreaterThanOrEqual(Math.round(heightPx * scale));
        }
      }
    }
  });

  it.each([
    [{ imgsz: '640' }, px(640, 640)],
    [{ imgsz: '[370, 640]', stride: '[8 16 32]' }, px(640, 384)],
    [{ imgsz: '(480, 640)', stride: '32' }, px(640, 480)],
    [{ imgsz: '[417, 417]', stride: '32' }, px(448, 448)],
    [{}, px(640, 640)],
    [{ imgsz: 'large', stride: '-1' }, px(640, 640)],
    [{ imgsz: '[999999, 999999]', stride: '0' }, px(640, 640)],
  ])('takes the model’s own size from %j', (metadata, usual) => {
    expect(sizesOf(metadata).usual).toEqual(usual);
  });

  it('leaves a model of fixed size, and one that is given stretched pictures, at one size', () => {
    expect(sizesOf(COCO, undefined, FIXED).for(px(500, 500))).toEqual(FIXED);
    expect(InputSizes.of(FREE, COCO, { wanted: undefined, fit: 'stretch' }).for(px(1920, 1080))).toEqual(px(416, 416));
    expect(sizesOf(COCO, px(320, 320)).for(px(1920, 1080))).toEqual(px(320, 320));
  });

  it('refuses what the model does not take, and says what it does', () => {
    const refused = (message: string, fix: string) =>
      expect.objectContaining({
        code: 'VD_DETECTION_WRONG_SIZE',
        message: expect.stringContaining(message),
        fix: expect.stringContaining(fix),
      });
    expect(() => sizesOf(COCO, px(300, 416))).toThrow(
      refused('multiples of 32 px, configured are 300x416', '{ widthPx: 288, heightPx: 416 }'),
    );
    expect(() => sizesOf({}, px(320, 320), FIXED)).toThrow(refused('takes pictures of 640x384 px', '{ widthPx: 640, heightPx: 384 }'));
    expect(sizesOf({ stride: '32' }, px(100, 100), { widthPx: 100, heightPx: 100 }).usual).toEqual(px(100, 100));
  });

  it('blames a size that the operator gave where the runtime only says that shapes differ', () => {
    const failed = new CodedError('VD_MODEL_RUN_FAILED', 'Concat: 19 is not 18');
    expect(sizesOf({}, px(300, 300)).refusalAfter(failed)).toMatchObject({
      code: 'VD_DETECTION_WRONG_SIZE',
      message: expect.stringContaining('300x300 px: Concat: 19 is not 18'),
    });
    expect(sizesOf({}, px(320, 320)).refusalAfter(failed)).toBe(failed);
    expect(sizesOf({}).refusalAfter(failed)).toBe(failed);
  });
});
