import { onnxModel, onnxNode, onnxTensor } from '../../src/core/plugin-testing/index.js';

const CLASSES = 80;
const PLACES = 400;
const VALUES = 4 + CLASSES;

/** How many things the model finds in every picture, side by side in the middle of it. */
export const FOUND_PER_FRAME = 3;

/**
 * A convolutional net in YOLOv8's output layout, about 1.2 GFLOP for a picture of 320x320: right in what it costs, meaningless
 * in what it says. The weights are pseudo-random and always the same; what they say has no score that counts, and in the first places
 * stand {@link FOUND_PER_FRAME} things, so that there are results to keep as there are of real pictures.
 */
export function benchModel(): Buffer {
  const nodes: Buffer[] = [];
  const tensors: Buffer[] = [];
  let state = 7;
  const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32 - 0.5;
  let input = 'images';
  const convolution = (
    from: number,
    to: number,
    kernel: number,
    stride: number,
    bias: (channel: number) => number,
    activate: boolean,
  ): void => {
    const id = nodes.length;
    const spread = 2 * Math.sqrt(3 / (from * kernel * kernel));
    tensors.push(
      onnxTensor(
        `w${id}`,
        [to, from, kernel, kernel],
        Float32Array.from({ length: to * from * kernel * kernel }, () => random() * spread),
      ),
    );
    tensors.push(
      onnxTensor(
        `b${id}`,
        [to],
        Float32Array.from({ length: to }, (_, channel) => bias(channel)),
      ),
    );
    const pad = kernel >> 1;
    nodes.push(
      onnxNode('Conv', [input, `w${id}`, `b${id}`], [`c${id}`], {
        kernel_shape: [kernel, kernel],
        strides: [stride, stride],
        pads: [pad, pad, pad, pad],
      }),
    );
    if (activate) nodes.push(onnxNode('Relu', [`c${id}`], [`a${id}`]));
    input = activate ? `a${id}` : `c${id}`;
  };
  const none = (): number => 0.05;
  convolution(3, 16, 3, 2, none, true);
  convolution(16, 32, 3, 2, none, true);
  convolution(32, 64, 3, 2, none, true);
  for (let i = 0; i < 7; i++) convolution(64, 64, 3, 1, none, true);
  convolution(64, 128, 3, 2, none, true);
  for (let i = 0; i < 2; i++) convolution(128, 128, 3, 1, none, true);
  convolution(128, VALUES, 1, 1, (channel) => (channel < 4 ? 2 : -4), false);

  const int64 = (name: string, values: readonly number[]): number =>
    tensors.push(onnxTensor(name, [values.length], BigInt64Array.from(values, BigInt)));
  int64('flat', [0, VALUES, PLACES]);
  int64('parts', [4, CLASSES]);
  tensors.push(onnxTensor('size', [], Float32Array.of(320)));
  const { kept, planted } = findings();
  tensors.push(onnxTensor('kept', [1, 1, PLACES], kept), onnxTensor('planted', [1, VALUES, PLACES], planted));
  nodes.push(
    onnxNode('Reshape', [input, 'flat'], ['rows']),
    onnxNode('Split', ['rows', 'parts'], ['raw_boxes', 'logits'], { axis: 1 }),
    onnxNode('Sigmoid', ['raw_boxes'], ['unit_boxes']),
    onnxNode('Mul', ['unit_boxes', 'size'], ['boxes']),
    onnxNode('Sigmoid', ['logits'], ['scores']),
    onnxNode('Concat', ['boxes', 'scores'], ['seen'], { axis: 1 }),
    onnxNode('Mul', ['seen', 'kept'], ['elsewhere']),
    onnxNode('Add', ['elsewhere', 'planted'], ['output0']),
  );
  return onnxModel({
    nodes,
    tensors,
    inputs: [{ name: 'images', dims: ['batch', 3, 320, 320] }],
    outputs: [{ name: 'output0', dims: ['batch', VALUES, PLACES] }],
    metadata: { names: `{${Array.from({ length: CLASSES }, (_, i) => `${i}: 'class ${i}'`).join(', ')}}` },
  });
}

/** What stands in the first places of the output, and which of the net's own places are kept: all others. */
function findings(): { kept: Float32Array; planted: Float32Array } {
  const kept = new Float32Array(PLACES).fill(1);
  const planted = new Float32Array(VALUES * PLACES);
  for (let place = 0; place < FOUND_PER_FRAME; place++) {
    kept[place] = 0;
    // Centre, width and height in pixels of the model's picture, then a class of its own.
    [80 * (place + 1), 160, 60, 80].forEach((value, row) => (planted[row * PLACES + place] = value));
    planted[(4 + place) * PLACES + place] = 0.9;
  }
  return { kept, planted };
}
