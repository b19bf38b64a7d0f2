import type { TensorInfo } from '../plugin-api/index.js';

export interface PictureSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Sizes tried where a model leaves its picture's size free, smallest first: most networks want a multiple of 32 or 64. */
const SIDES_PX = [64, 320, 640] as const;
const CHANNELS = 3;

/** Whether a picture's size is for the caller to choose. */
export const isPictureFree = (inputs: readonly TensorInfo[]): boolean =>
  inputs.some((input) => sidesOf(input).some((at) => input.dims[at] === -1));

/** Sizes of every input for a run of one item, smallest first; one only where the model leaves nothing free that matters. */
export function smallestSizes(inputs: readonly TensorInfo[]): number[][][] {
  if (!isPictureFree(inputs)) return [sizesFor(inputs, { widthPx: 1, heightPx: 1 })];
  return SIDES_PX.map((side) => sizesFor(inputs, { widthPx: side, heightPx: side }));
}

/** Sizes of every input for a run of one item with pictures of this size, where the model leaves it free. */
export function sizesFor(inputs: readonly TensorInfo[], { widthPx, heightPx }: PictureSize): number[][] {
  return inputs.map((input) => {
    const [heightAt, widthAt] = sidesOf(input);
    return input.dims.map((size, at) => {
      if (size !== -1) return size;
      if (at === heightAt) return heightPx;
      if (at === widthAt) return widthPx;
      // A picture's channels; anything else that is free is a count, of which one will do.
      return heightAt !== undefined && at === 1 ? CHANNELS : 1;
    });
  });
}

/** Where height and width are among a picture's dimensions; nothing for what is no picture. */
function sidesOf({ dims }: TensorInfo): number[] {
  if (dims.length !== 4) return [];
  const isInterleaved = isChannels(dims[3]) && !isChannels(dims[1]);
  return isInterleaved ? [1, 2] : [2, 3];
}

const isChannels = (size: number | undefined): boolean => size === 1 || size === CHANNELS || size === 4;
