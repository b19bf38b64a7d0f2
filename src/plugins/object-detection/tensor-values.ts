import type { Model, Tensor } from 'vedette/plugin';
import { unfitModel } from './errors.js';

/** An output of the model as ordinary numbers, whatever type it has. */
export interface Output {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly number[];
  readonly values: ArrayLike<number>;
}

/** More numbers than any detector gives for a batch; reading them would only take time. */
const MAX_VALUES = 64_000_000;

/**
 * The outputs of one run, in the order of the model.
 * @throws VD_DETECTION_UNFIT_MODEL where one is out of all proportion
 */
export function readOutputs(model: Model, tensors: Readonly<Record<string, Tensor>>): Output[] {
  return model.outputs.flatMap(({ name }) => {
    const tensor = tensors[name];
    if (tensor === undefined) return [];
    const { type, dims, data } = tensor;
    if (data.length > MAX_VALUES || data.length !== dims.reduce((product, size) => product * size, 1)) {
      throw unfitModel(`the model's output ${name} has ${data.length} numbers in the shape [${dims.join(', ')}]`, 'Use a detection model.');
    }
    return [{ name, type, dims, values: numbersOf(tensor) }];
  });
}

function numbersOf({ type, data }: Tensor): ArrayLike<number> {
  if (data instanceof BigInt64Array) return Float64Array.from(data, Number);
  return type === 'float16' ? Float32Array.from(data as Uint16Array, fromHalf) : data;
}

/** IEEE 754 half precision, from its 16 bits. */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** To half precision, rounded to the nearest; beyond its range it becomes infinite. */
export function toHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65_520) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | Math.round(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  // A carry out of the fraction moves on into the exponent, as it should.
  return sign | (((exponent + 15) << 10) + Math.round((size / 2 ** exponent - 1) * 1024));
}
