import type { Tensor, TensorInfo } from '../plugin-api/index.js';

const ARRAYS: Readonly<Record<Tensor['type'], new (length: number) => Tensor['data']>> = {
  float32: Float32Array,
  float16: Uint16Array,
  uint8: Uint8Array,
  bool: Uint8Array,
  int32: Int32Array,
  int64: BigInt64Array,
};

export const arrayOf = (type: Tensor['type'], length: number): Tensor['data'] => new ARRAYS[type](length);

/** Nothing at these sizes, for every input; null where one is of a type that Vedette does not feed. */
export function zeroFeeds(inputs: readonly TensorInfo[], sizes: readonly (readonly number[])[]): Record<string, Tensor> | null {
  const feeds: Record<string, Tensor> = {};
  for (const [i, { name, type }] of inputs.entries()) {
    if (!(type in ARRAYS)) return null;
    const dims = sizes[i] ?? [];
    const known = type as Tensor['type'];
    feeds[name] = {
      type: known,
      dims,
      data: arrayOf(
        known,
        dims.reduce((product, size) => product * size, 1),
      ),
    };
  }
  return feeds;
}
