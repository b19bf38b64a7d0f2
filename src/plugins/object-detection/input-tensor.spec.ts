import { describe, expect, it } from 'vitest';
import type { Frame } from 'vedette/plugin';
import { InputTensor } from './input-tensor.js';
import { NORMALISATIONS } from './layouts/layout.js';
import type { InputLayout } from './model-input.js';
import { fromHalf } from './tensor-values.js';

const frame = (...data: number[]): Frame => ({ data: Uint8Array.from(data), widthPx: 2, heightPx: 1 }) as Frame;
const layout = (type: InputLayout['type'], order: InputLayout['order'], hasBatch = true): InputLayout => ({
  name: 'x',
  type,
  order,
  batch: null,
  hasBatch,
  widthPx: null,
  heightPx: null,
});
const frames = [frame(255, 0, 51, 102, 153, 204), frame(1, 2, 3, 4, 5, 6)];
const { unit, none, imagenet } = NORMALISATIONS;

describe(InputTensor.name, () => {
  it('splits colours into planes from 0 to 1', () => {
    const { dims, data } = new InputTensor(layout('float32', 'planes'), unit, 'rgb').of(frames.slice(0, 1), 1);
    expect(dims).toEqual([1, 3, 1, 2]);
    expect([...data].map((value) => Math.round(Number(value) * 255))).toEqual([255, 102, 0, 153, 51, 204]);
  });

  it('leaves bytes as they are where the model takes bytes', () => {
    expect(new InputTensor(layout('uint8', 'interleaved'), none, 'rgb').of(frames, 2)).toEqual({
      type: 'uint8',
      dims: [2, 1, 2, 3],
      data: Uint8Array.of(255, 0, 51, 102, 153, 204, 1, 2, 3, 4, 5, 6),
    });
    expect([...new InputTensor(layout('uint8', 'planes'), none, 'rgb').of(frames.slice(1), 1).data]).toEqual([1, 4, 2, 5, 3, 6]);
  });

  it('puts blue first for models that were taught so, with red’s mean still for red', () => {
    expect([...new InputTensor(layout('float32', 'planes'), none, 'bgr').of(frames.slice(1), 1).data]).toEqual([3, 6, 2, 5, 1, 4]);
    const [blue, green, red] = new InputTensor(layout('float32', 'interleaved'), imagenet, 'bgr').of([frame(255, 128, 0, 0, 0, 0)], 1)
      .data as Float32Array;
    expect([red, green, blue]).toEqual([
      expect.closeTo((1 - 0.485) / 0.229, 5),
      expect.closeTo((128 / 255 - 0.456) / 0.224, 5),
      expect.closeTo(-0.406 / 0.225, 5),
    ]);
  });

  it('writes half floats', () => {
    const { type, data } = new InputTensor(layout('float16', 'planes'), unit, 'rgb').of(frames.slice(0, 1), 1);
    expect(type).toBe('float16');
    expect([...(data as Uint16Array)].map((bits) => Math.round(fromHalf(bits) * 255))).toEqual([255, 102, 0, 153, 51, 204]);
  });

  it('leaves out the batch where the model has none', () => {
    expect(new InputTensor(layout('uint8', 'planes', false), none, 'rgb').of(frames.slice(1), 1).dims).toEqual([3, 1, 2]);
  });

  it('fills up a fixed batch with zeros, not with what was there before', () => {
    const tensor = new InputTensor(layout('uint8', 'interleaved'), none, 'rgb');
    tensor.of(frames, 2);
    expect([...tensor.of(frames.slice(1), 2).data]).toEqual([1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0]);
  });
});
