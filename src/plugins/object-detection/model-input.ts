import type { Frame, Tensor, TensorInfo } from 'vedette/plugin';
import { unfitModel } from './errors.js';

const CHANNELS = 3;

/** How the model wants its pictures. `pixels` are 0..1 as float32, or 0..255 as uint8. */
export interface InputLayout {
  readonly name: string;
  readonly type: 'float32' | 'uint8';
  readonly order: 'planes' | 'interleaved';
  /** Pictures per run: a number, or null where the model takes any. */
  readonly batch: number | null;
}

/**
 * Reads the layout from the model's first input and holds its size against the one configured.
 * @throws VD_DETECTION_UNFIT_MODEL
 */
export function inputLayout(input: TensorInfo | undefined, widthPx: number, heightPx: number): InputLayout {
  const { name = '', type = 'none', dims = [] } = input ?? {};
  const isInterleaved = dims[3] === CHANNELS && dims[1] !== CHANNELS;
  const [height, width, channels] = isInterleaved ? [dims[1], dims[2], dims[3]] : [dims[2], dims[3], dims[1]];
  if (dims.length !== 4 || (channels !== CHANNELS && channels !== -1) || (type !== 'float32' && type !== 'uint8')) {
    throw unfitModel(
      `the model's input is ${type}[${dims.join(', ')}]; expected float32 or uint8 [batch, 3, height, width] or [batch, height, width, 3]`,
      'Export a detection model that takes RGB pictures.',
    );
  }
  const differs = (fixed: number | undefined, configured: number): boolean => fixed !== -1 && fixed !== configured;
  if (differs(width, widthPx) || differs(height, heightPx)) {
    throw unfitModel(
      `the model takes pictures of ${width}x${height} px, configured are ${widthPx}x${heightPx}`,
      `Set inputWidthPx: ${width} and inputHeightPx: ${height} for object-detection.`,
    );
  }
  const batch = dims[0] === undefined || dims[0] < 1 ? null : dims[0];
  return { name, type, order: isInterleaved ? 'interleaved' : 'planes', batch };
}

/** Fills tensors of one layout; its memory is reused from batch to batch. */
export class InputTensor {
  #data: Float32Array | Uint8Array = new Float32Array(0);
  readonly #unit = Float32Array.from({ length: 256 }, (_, level) => level / 255);

  constructor(private readonly layout: InputLayout) {}

  /** @param size pictures in the tensor; where there are fewer frames, the rest is black */
  of(frames: readonly Frame[], size: number): Tensor {
    const { widthPx = 0, heightPx = 0 } = frames[0] ?? {};
    const picture = CHANNELS * widthPx * heightPx;
    if (this.#data.length !== size * picture) {
      this.#data = this.layout.type === 'float32' ? new Float32Array(size * picture) : new Uint8Array(size * picture);
    }
    if (frames.length < size) this.#data.fill(0, frames.length * picture);
    frames.forEach((frame, i) => this.#fill(frame, i * picture));
    const planes = this.layout.order === 'planes';
    return {
      type: this.layout.type,
      dims: planes ? [size, CHANNELS, heightPx, widthPx] : [size, heightPx, widthPx, CHANNELS],
      data: this.#data,
    };
  }

  #fill({ data: pixels, widthPx, heightPx }: Frame, at: number): void {
    const data = this.#data;
    const area = widthPx * heightPx;
    if (this.layout.order === 'interleaved') {
      if (data instanceof Uint8Array) data.set(pixels, at);
      else for (let i = 0; i < area * CHANNELS; i++) data[at + i] = this.#unit[pixels[i]!]!;
      return;
    }
    if (data instanceof Uint8Array) {
      for (let i = 0, from = 0; i < area; i++, from += CHANNELS) {
        data[at + i] = pixels[from]!;
        data[at + area + i] = pixels[from + 1]!;
        data[at + 2 * area + i] = pixels[from + 2]!;
      }
      return;
    }
    const unit = this.#unit;
    for (let i = 0, from = 0; i < area; i++, from += CHANNELS) {
      data[at + i] = unit[pixels[from]!]!;
      data[at + area + i] = unit[pixels[from + 1]!]!;
      data[at + 2 * area + i] = unit[pixels[from + 2]!]!;
    }
  }
}
