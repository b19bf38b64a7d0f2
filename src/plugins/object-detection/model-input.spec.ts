import { describe, expect, it } from 'vitest';
import type { Frame, TensorInfo } from 'vedette/plugin';
import { InputTensor, inputLayout, type InputLayout } from './model-input.js';

const info = (type: string, dims: number[]): TensorInfo => ({ name: 'images', type, dims });
const frame = (...data: number[]): Frame => ({ data: Uint8Array.from(data), widthPx: 2, heightPx: 1 }) as Frame;
const unfit = expect.objectContaining({ code: 'VD_DETECTION_UNFIT_MODEL' });

describe(inputLayout.name, () => {
  it.each([
    [info('float32', [1, 3, 640, 640]), { type: 'float32', order: 'planes', batch: 1 }],
    [info('float32', [-1, 3, 640, 640]), { type: 'float32', order: 'planes', batch: null }],
    [info('uint8', [4, 640, 640, 3]), { type: 'uint8', order: 'interleaved', batch: 4 }],
    [info('float32', [-1, 3, -1, -1]), { type: 'float32', order: 'planes', batch: null }],
  ])('reads %j', (input, layout) => {
    expect(inputLayout(input, 640, 640)).toEqual({ name: 'images', ...layout });
  });

  it('says which size to configure', () => {
    const fix = expect.objectContaining({ fix: 'Set inputWidthPx: 640 and inputHeightPx: 384 for object-detection.' });
    expect(() => inputLayout(info('float32', [1, 3, 384, 640]), 320, 320)).toThrow(fix);
  });

  it.each([undefined, info('float32', [1, 1, 28, 28]), info('int64', [1, 3, 640, 640]), info('float32', [1, 640])])(
    'refuses %j',
    (input) => {
      expect(() => inputLayout(input, 640, 640)).toThrow(unfit);
    },
  );
});

describe(InputTensor.name, () => {
  const layout = (type: InputLayout['type'], order: InputLayout['order']): InputLayout => ({ name: 'x', type, order, batch: null });
  const frames = [frame(255, 0, 51, 102, 153, 204), frame(1, 2, 3, 4, 5, 6)];

  it('splits colours into planes from 0 to 1', () => {
    const { dims, data } = new InputTensor(layout('float32', 'planes')).of(frames.slice(0, 1), 1);
    expect(dims).toEqual([1, 3, 1, 2]);
    expect([...data].map((value) => Math.round(Number(value) * 255))).toEqual([255, 102, 0, 153, 51, 204]);
  });

  it('leaves bytes as they are where the model takes bytes', () => {
    expect(new InputTensor(layout('uint8', 'interleaved')).of(frames, 2)).toEqual({
      type: 'uint8',
      dims: [2, 1, 2, 3],
      data: Uint8Array.of(255, 0, 51, 102, 153, 204, 1, 2, 3, 4, 5, 6),
    });
    expect([...new InputTensor(layout('uint8', 'planes')).of(frames.slice(1), 1).data]).toEqual([1, 4, 2, 5, 3, 6]);
  });

  it('keeps colours together where the model wants that', () => {
    const { data } = new InputTensor(layout('float32', 'interleaved')).of(frames.slice(1), 1);
    expect([...data].map((value) => Math.round(Number(value) * 255))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('fills up a fixed batch with black, not with what was there before', () => {
    const tensor = new InputTensor(layout('uint8', 'interleaved'));
    tensor.of(frames, 2);
    expect([...tensor.of(frames.slice(1), 2).data]).toEqual([1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0]);
  });
});
