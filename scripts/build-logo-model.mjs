// Writes models/logo-features.onnx and models/logo-correlation.onnx from the trained weights in models/logo-weights.{bin,json}.
// `logo-features`: a picture (0..1) to one unit vector per 4x4 pixels, and how much each cell would weigh in a kernel.
// `logo-correlation`: such vectors, pooled 2x2, against kernels of pooled vectors: where each reference may be.
// Needs a build: npm run build:server && node scripts/build-logo-model.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { onnxModel, onnxNode, onnxTensor } from 'vedette/testing';

const MODELS = new URL('../models/', import.meta.url);
const layers = JSON.parse(readFileSync(new URL('logo-weights.json', MODELS), 'utf8'));
const file = readFileSync(new URL('logo-weights.bin', MODELS));
const weights = new Float32Array(file.buffer.slice(file.byteOffset, file.byteOffset + file.length));

const f32 = (name, dims, values) => onnxTensor(name, dims, Float32Array.from(values));
const tensors = [f32('contrast_floor', [1], [0.04]), f32('zero', [1], [0]), f32('tiny', [1], [1e-12])];
tensors.push(onnxTensor('channels', [1], BigInt64Array.from([1n])));
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
  ],
  metadata: { description: 'Cell features that tell logos apart, learnt by contrast on synthetic scenes', license },
  opset: 18,
});
write('logo-correlation.onnx', {
  nodes: [
    onnxNode('AveragePool', ['features'], ['pooled_raw'], { kernel_shape: [2, 2], strides: [2, 2] }),
    ...unit('pooled_raw', 'pooled'),
    onnxNode('Conv', ['pooled', 'kernels'], ['scores']),
  ],
  tensors: [f32('tiny', [1], [1e-12]), onnxTensor('channels', [1], BigInt64Array.from([1n]))],
  inputs: [
    { name: 'features', dims: [1, depth, 'rows', 'columns'] },
    { name: 'kernels', dims: ['references', depth, 'kernel_rows', 'kernel_columns'] },
  ],
  outputs: [{ name: 'scores', dims: [1, 'references', 'score_rows', 'score_columns'] }],
  metadata: { description: 'Correlates pooled cell features with reference kernels', license },
  opset: 18,
});

function write(name, parts) {
  const model = onnxModel(parts);
  writeFileSync(new URL(name, MODELS), model);
  console.log(`models/${name}: ${model.length} bytes`);
}
