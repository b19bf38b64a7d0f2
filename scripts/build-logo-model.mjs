// Writes models/logo-features.onnx and models/logo-correlation.onnx from the trained weights in models/logo-weights.{bin,json}.
// `logo-features`: a picture (0..1) to one unit vector per 4x4 pixels, the same pooled 2x2, and how much each cell would weigh in a kernel.
// `logo-correlation`: pooled vectors, over fewer channels, against kernels that are sums of shared ones: each reference's
// three likeliest places.
// Needs a build: npm run build:server && node scripts/build-logo-model.mjs [WEIGHTS OUT]
// With arguments it tries others: WEIGHTS.bin and .json, into the folder OUT.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onnxModel, onnxNode, onnxTensor } from 'vedette/testing';

const MODELS = fileURLToPath(new URL('../models', import.meta.url));
const [, , stem = join(MODELS, 'logo-weights'), folder = MODELS] = process.argv;
const layers = JSON.parse(readFileSync(`${stem}.json`, 'utf8'));
const file = readFileSync(`${stem}.bin`);
const weights = new Float32Array(file.buffer.slice(file.byteOffset, file.byteOffset + file.length));

const f32 = (name, dims, values) => onnxTensor(name, dims, Float32Array.from(values));
const tensors = [f32('contrast_floor', [1], [0.04]), f32('zero', [1], [0]), f32('tiny', [1], [1e-12])];
tensors.push(onnxTensor('channels', [1], BigInt64Array.from([1n])));
const PEAKS = 3; // as in src/plugins/logo-detection/logo-net.ts
layers.forEach(({ shape, off }, i) => {
  const size = shape.reduce((a, b) => a * b, 1);
  tensors.push(
    f32(`w${i}`, shape, weights.subarray(off, off + size)),
    f32(`b${i}`, [shape[0]], weights.subarray(off + size, off + size + shape[0])),
  );
});

/** Mean over about 40 px around each pixel, smoothly. */
const local = (input, output) => [
  onnxNode('AveragePool', [input], [`${output}_blocks`], { kernel_shape: [8, 8], strides: [8, 8] }),
  onnxNode('AveragePool', [`${output}_blocks`], [`${output}_wide`], {
    kernel_shape: [5, 5],
    strides: [1, 1],
    pads: [2, 2, 2, 2],
    count_include_pad: 0,
  }),
  onnxNode('Resize', [`${output}_wide`, '', '', 'size'], [output], { mode: 'linear', coordinate_transformation_mode: 'half_pixel' }),
];
const nodes = [
  onnxNode('Shape', ['picture'], ['size']),
  ...local('picture', 'mean'),
  onnxNode('Sub', ['picture', 'mean'], ['centred']),
  onnxNode('Mul', ['centred', 'centred'], ['squares']),
  ...local('squares', 'variance'),
  onnxNode('Max', ['variance', 'zero'], ['variance_0']),
  onnxNode('Sqrt', ['variance_0'], ['deviation']),
  onnxNode('Add', ['deviation', 'contrast_floor'], ['divisor']),
  onnxNode('Div', ['centred', 'divisor'], ['h']),
];
let hidden = 'h';
layers.slice(0, -2).forEach(({ shape, stride }, i) => {
  const pad = shape[2] >> 1;
  nodes.push(
    onnxNode('Conv', [hidden, `w${i}`, `b${i}`], [`c${i}`], {
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
      kernel_shape: [shape[2], shape[2]],
    }),
  );
  nodes.push(onnxNode('Relu', [`c${i}`], [`r${i}`]));
  hidden = `r${i}`;
});
const [toFeatures, toAttention] = [layers.length - 2, layers.length - 1];
const depth = layers[toFeatures].shape[0];
/** Unit length over the channels. */
const unit = (input, output) => [
  onnxNode('ReduceL2', [input, 'channels'], [`${output}_length`], { keepdims: 1 }),
  onnxNode('Max', [`${output}_length`, 'tiny'], [`${output}_divisor`]),
  onnxNode('Div', [input, `${output}_divisor`], [output]),
];
nodes.push(
  onnxNode('Conv', [hidden, `w${toFeatures}`, `b${toFeatures}`], ['raw'], { kernel_shape: [1, 1] }),
  ...unit('raw', 'features'),
  onnxNode('AveragePool', ['features'], ['pooled_raw'], { kernel_shape: [2, 2], strides: [2, 2] }),
  ...unit('pooled_raw', 'pooled'),
  onnxNode('Conv', [hidden, `w${toAttention}`, `b${toAttention}`], ['attention_raw'], { kernel_shape: [1, 1] }),
  onnxNode('Softplus', ['attention_raw'], ['attention']),
);
const license = 'MIT';
write('logo-features.onnx', {
  nodes,
  tensors,
  inputs: [{ name: 'picture', dims: [1, 1, 'height', 'width'] }],
  outputs: [
    { name: 'features', dims: [1, depth, 'rows', 'columns'] },
    { name: 'attention', dims: [1, 1, 'rows', 'columns'] },
    { name: 'pooled', dims: [1, depth, 'pooled_rows', 'pooled_columns'] },
  ],
  metadata: { description: 'Cell features that tell logos apart, learnt by contrast on synthetic scenes', license },
  opset: 18,
});
const int64 = (name, values) => onnxTensor(name, [values.length], BigInt64Array.from(values));
write('logo-correlation.onnx', {
  nodes: [
    onnxNode('Conv', ['pooled', 'projection'], ['projected']),
    onnxNode('Conv', ['projected', 'shared'], ['shared_maps']),
    onnxNode('Conv', ['shared_maps', 'mix'], ['maps']),
    // A peak is as high as the highest around it.
    onnxNode('MaxPool', ['maps'], ['around'], { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] }),
    onnxNode('Less', ['maps', 'around'], ['is_lower']),
    onnxNode('Where', ['is_lower', 'lowest', 'maps'], ['peaks']),
    onnxNode('Reshape', ['peaks', 'by_reference'], ['rows_of_peaks']),
    onnxNode('TopK', ['rows_of_peaks', 'count'], ['scores', 'place_numbers'], { axis: 3 }),
    onnxNode('Cast', ['place_numbers'], ['places'], { to: 1 }),
  ],
  tensors: [f32('lowest', [1], [-2]), int64('by_reference', [1n, 0n, 1n, -1n]), int64('count', [BigInt(PEAKS)])],
  inputs: [
    { name: 'pooled', dims: [1, depth, 'rows', 'columns'] },
    { name: 'projection', dims: ['channels', depth, 1, 1] },
    { name: 'shared', dims: ['shared_kernels', 'channels', 'kernel_rows', 'kernel_columns'] },
    { name: 'mix', dims: ['references', 'shared_kernels', 1, 1] },
  ],
  outputs: [
    { name: 'scores', dims: [1, 'references', 1, PEAKS] },
    { name: 'places', dims: [1, 'references', 1, PEAKS] },
  ],
  metadata: { description: 'Correlates pooled cell features with references made up of shared kernels', license },
  opset: 18,
});

function write(name, parts) {
  const model = onnxModel(parts);
  writeFileSync(join(folder, name), model);
  console.log(`${join(folder, name)}: ${model.length} bytes`);
}
