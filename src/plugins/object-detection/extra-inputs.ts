import type { Tensor, TensorInfo } from 'vedette/plugin';
import { unfitModel } from './errors.js';
import { plainName } from './layouts/evidence.js';

interface Picture {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** What models ask for besides pictures, by the names their exporters give: numbers per picture. */
const KNOWN: Readonly<Record<string, (picture: Picture) => { readonly dims: readonly number[]; readonly numbers: readonly number[] }>> = {
  // RT-DETR, D-FINE: boxes come in pixels of this size, so the input's own makes them pixels of the input.
  orig_target_sizes: ({ widthPx, heightPx }) => ({ dims: [2], numbers: [widthPx, heightPx] }),
  // YOLOv3 of the model zoo.
  image_shape: ({ widthPx, heightPx }) => ({ dims: [2], numbers: [heightPx, widthPx] }),
  // PaddleDetection.
  im_shape: ({ widthPx, heightPx }) => ({ dims: [2], numbers: [heightPx, widthPx] }),
  scale_factor: () => ({ dims: [2], numbers: [1, 1] }),
  // DETR: nothing of the picture is padding.
  pixel_mask: ({ widthPx, heightPx }) => ({ dims: [heightPx, widthPx], numbers: new Array<number>(widthPx * heightPx).fill(1) }),
};

const MAKE = {
  float32: (numbers: readonly number[]) => Float32Array.from(numbers),
  int32: (numbers: readonly number[]) => Int32Array.from(numbers),
  int64: (numbers: readonly number[]) => BigInt64Array.from(numbers, BigInt),
  bool: (numbers: readonly number[]) => Uint8Array.from(numbers),
  uint8: (numbers: readonly number[]) => Uint8Array.from(numbers),
} as const;

/**
 * Feeds for every input but the pictures.
 * @throws VD_DETECTION_UNFIT_MODEL for an input that Vedette has nothing for
 */
export function extraFeeds(inputs: readonly TensorInfo[], pictures: number, picture: Picture): Record<string, Tensor> {
  return Object.fromEntries(
    inputs.map(({ name, type, dims }) => {
      const [known, make] = [KNOWN[plainName(name)], MAKE[type as keyof typeof MAKE]];
      if (known === undefined || make === undefined || dims.length < 2) {
        throw unfitModel(
          `the model asks for the input ${name} ${type}[${dims.join(', ')}] besides its pictures, which Vedette does not know`,
          `Export the model without it. Known are ${Object.keys(KNOWN).join(', ')}.`,
        );
      }
      // Some exports fix this batch at 1, whatever the pictures' batch is.
      const batch = dims[0] === 1 ? 1 : pictures;
      const one = known(picture);
      const numbers = Array.from({ length: batch }, () => one.numbers).flat();
      return [name, { type: type as Tensor['type'], dims: [batch, ...one.dims], data: make(numbers) }];
    }),
  );
}
