import type { TensorInfo } from 'vedette/plugin';
import { unfitModel } from './errors.js';

export const CHANNELS = 3;
const PICTURE_TYPES = ['float32', 'float16', 'uint8'] as const;
type PictureType = (typeof PICTURE_TYPES)[number];

/** How the model wants its pictures. */
export interface InputLayout {
  readonly name: string;
  readonly type: PictureType;
  readonly order: 'planes' | 'interleaved';
  /** Pictures per run: a number, or null where the model takes any. */
  readonly batch: number | null;
  /** False for the few models that take one picture without a batch around it. */
  readonly hasBatch: boolean;
  /** Sides of its pictures; null where the model leaves them free. */
  readonly widthPx: number | null;
  readonly heightPx: number | null;
}

/** The input that takes pictures: the first of three or four dimensions. Others may take sizes or masks. */
export const pictureInput = (inputs: readonly TensorInfo[]): TensorInfo | undefined =>
  inputs.find(({ dims, type }) => (dims.length === 4 || dims.length === 3) && isPictureType(type)) ?? inputs[0];

const isPictureType = (type: string): type is PictureType => PICTURE_TYPES.some((known) => known === type);

/**
 * Reads the layout from the model's input.
 * @param order for models that leave all of their shape free
 * @throws VD_DETECTION_UNFIT_MODEL
 */
export function inputLayout(input: TensorInfo | undefined, order?: InputLayout['order']): InputLayout {
  const { name = '', type = 'none', dims: all = [] } = input ?? {};
  const hasBatch = all.length === 4;
  const dims = hasBatch ? all.slice(1) : all;
  const isInterleaved = dims[0] === CHANNELS ? false : dims[2] === CHANNELS ? true : order === 'interleaved';
  const [height, width, channels] = isInterleaved ? dims : [dims[1], dims[2], dims[0]];
  if (dims.length !== 3 || (channels !== CHANNELS && channels !== -1) || !isPictureType(type)) {
    throw unfitModel(
      `the model's input is ${type}[${all.join(', ')}]; expected ${PICTURE_TYPES.join(', ')} [batch, 3, height, width] or [batch, ` +
        'height, width, 3]',
      'Export a detection model that takes RGB pictures.',
    );
  }
  const side = (size: number): number | null => (size < 1 ? null : size);
  const batch = hasBatch ? (all[0]! < 1 ? null : all[0]!) : 1;
  return {
    ...{ name, type, order: isInterleaved ? 'interleaved' : 'planes', batch, hasBatch },
    ...{ widthPx: side(width!), heightPx: side(height!) },
  };
}
