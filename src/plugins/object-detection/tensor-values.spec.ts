import { describe, expect, it } from 'vitest';
import type { Model, Tensor } from 'vedette/plugin';
import { fromHalf, readOutputs, toHalf } from './tensor-values.js';

const model = { outputs: [{ name: 'y' }] } as unknown as Model;

describe(readOutputs.name, () => {
  it.each<[Tensor['type'], Tensor['data'], number[]]>([
    ['int64', BigInt64Array.of(7n, -1n), [7, -1]],
    ['float16', Uint16Array.of(0x3c00, 0xc000), [1, -2]],
    ['bool', Uint8Array.of(1, 0), [1, 0]],
  ])('gives numbers of %s', (type, data, numbers) => {
    expect(Array.from(readOutputs(model, { y: { type, dims: [2], data } })[0]!.values)).toEqual(numbers);
  });

  it('refuses numbers that do not fill their shape', () => {
    const tensor: Tensor = { type: 'float32', dims: [1, 300, 6], data: new Float32Array(6) };
    expect(() => readOutputs(model, { y: tensor })).toThrow(expect.objectContaining({ code: 'VD_DETECTION_UNFIT_MODEL' }));
  });
});

describe('half floats', () => {
  it('come back as they were, all of them', () => {
    for (let bits = 0; bits < 65_536; bits++) {
      const value = fromHalf(bits);
      expect(Number.isNaN(value) ? fromHalf(toHalf(value)) : toHalf(value)).toEqual(Number.isNaN(value) ? NaN : bits);
    }
  });

  it.each([
    [1 / 3, 0x3555],
    [65_504, 0x7bff],
    [65_520, 0x7c00],
    [-1e9, 0xfc00],
    [2 ** -24, 1],
    [2 ** -15, 0x200],
    [2047.9, 0x6800],
  ])('writes %d', (value, bits) => {
    expect(toHalf(value)).toBe(bits);
  });
});
