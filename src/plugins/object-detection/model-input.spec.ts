import { describe, expect, it } from 'vitest';
import type { TensorInfo } from 'vedette/plugin';
import { inputLayout, pictureInput } from './model-input.js';

const info = (type: string, dims: number[], name = 'images'): TensorInfo => ({ name, type, dims });
const fixed = { widthPx: 640, heightPx: 640 };
const free = { widthPx: null, heightPx: null };

describe(inputLayout.name, () => {
  it.each([
    [info('float32', [1, 3, 640, 640]), { type: 'float32', order: 'planes', batch: 1, hasBatch: true, ...fixed }],
    [info('float16', [-1, 3, 640, 640]), { type: 'float16', order: 'planes', batch: null, hasBatch: true, ...fixed }],
    [info('uint8', [4, 640, 640, 3]), { type: 'uint8', order: 'interleaved', batch: 4, hasBatch: true, ...fixed }],
    [info('float32', [-1, 3, -1, -1]), { type: 'float32', order: 'planes', batch: null, hasBatch: true, ...free }],
    [info('float32', [1, 3, -1, 416]), { type: 'float32', order: 'planes', batch: 1, hasBatch: true, widthPx: 416, heightPx: null }],
    [info('uint8', [1, -1, -1, 3]), { type: 'uint8', order: 'interleaved', batch: 1, hasBatch: true, ...free }],
    [info('float32', [3, 640, 640]), { type: 'float32', order: 'planes', batch: 1, hasBatch: false, ...fixed }],
    [info('float32', [-1, -1, -1, -1]), { type: 'float32', order: 'planes', batch: null, hasBatch: true, ...free }],
  ])('reads %j', (input, layout) => {
    expect(inputLayout(input)).toEqual({ name: 'images', ...layout });
  });

  it('is told the order where the model leaves all free, and where the model says it, is not', () => {
    expect(inputLayout(info('float32', [-1, -1, -1, -1]), 'interleaved').order).toBe('interleaved');
    expect(inputLayout(info('float32', [-1, 3, -1, -1]), 'interleaved').order).toBe('planes');
  });

  it.each([undefined, info('float32', [1, 1, 28, 28]), info('int64', [1, 3, 640, 640]), info('float32', [1, 640])])(
    'refuses %j',
    (input) => {
      expect(() => inputLayout(input)).toThrow(expect.objectContaining({ code: 'VD_DETECTION_UNFIT_MODEL' }));
    },
  );
});

describe(pictureInput.name, () => {
  it('is the one with the shape of pictures, wherever it stands', () => {
    const pictures = info('float32', [-1, 3, 640, 640]);
    expect(pictureInput([info('int64', [-1, 2], 'orig_target_sizes'), pictures])).toBe(pictures);
    expect(pictureInput([info('int64', [-1, 640, 640], 'pixel_mask'), pictures])).toBe(pictures);
  });
});
