import type { Frame, Tensor } from 'vedette/plugin';
import type { Normalisation } from './layouts/layout.js';
import { CHANNELS, type InputLayout } from './model-input.js';
import { toHalf } from './tensor-values.js';

type Numbers = Float32Array | Uint16Array | Uint8Array;

const LEVELS = 256;
const MAKE = { float32: Float32Array, float16: Uint16Array, uint8: Uint8Array } as const;

/** Fills tensors of one layout; its memory is reused from batch to batch. */
export class InputTensor {
  private data: Numbers;
  /** What each level becomes, per channel of the tensor. */
  private readonly levels: readonly Numbers[];
  /** Which channel of the frame goes where: reversed for models that were taught blue first. */
  private readonly sources: readonly number[];

  constructor(
    private readonly layout: InputLayout,
    { divideBy, mean, std }: Normalisation,
    channelOrder: 'rgb' | 'bgr',
  ) {
    this.data = new MAKE[layout.type](0);
    this.sources = channelOrder === 'rgb' ? [0, 1, 2] : [2, 1, 0];
    this.levels = this.sources.map((channel) => {
      const levels = new MAKE[layout.type](LEVELS);
      for (let level = 0; level < LEVELS; level++) {
        const value = (level / divideBy - mean[channel]!) / std[channel]!;
        levels[level] = layout.type === 'float16' ? toHalf(value) : value;
      }
      return levels;
    });
  }

  /** @param size pictures in the tensor; where there are fewer frames, the rest is zero */
  of(frames: readonly Pick<Frame, 'data' | 'widthPx' | 'heightPx'>[], size: number): Tensor {
    const { widthPx = 0, heightPx = 0 } = frames[0] ?? {};
    const picture = CHANNELS * widthPx * heightPx;
    if (this.data.length !== size * picture) this.data = new MAKE[this.layout.type](size * picture);
    if (frames.length < size) this.data.fill(0, frames.length * picture);
    frames.forEach((frame, i) => this.fill(frame.data, widthPx * heightPx, i * picture));
    const dims = this.layout.order === 'planes' ? [CHANNELS, heightPx, widthPx] : [heightPx, widthPx, CHANNELS];
    return { type: this.layout.type, dims: this.layout.hasBatch ? [size, ...dims] : dims, data: this.data };
  }

  private fill(pixels: Uint8Array, area: number, at: number): void {
    const [first, second, third] = this.sources as [number, number, number];
    const [levels0, levels1, levels2] = this.levels as [Numbers, Numbers, Numbers];
    const data = this.data;
    // One channel beside the other, or each in a plane of its own.
    const [step, plane] = this.layout.order === 'planes' ? [1, area] : [CHANNELS, 1];
    for (let from = 0, to = at; from < area * CHANNELS; from += CHANNELS, to += step) {
      data[to] = levels0[pixels[from + first]!]!;
      data[to + plane] = levels1[pixels[from + second]!]!;
      data[to + 2 * plane] = levels2[pixels[from + third]!]!;
    }
  }
}
