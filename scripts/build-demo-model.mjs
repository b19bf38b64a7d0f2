// Writes models/demo-shapes.onnx: finds saturated red, green and blue rectangles, one box per colour, in YOLOv8's output
// layout. Nothing is trained: a soft mask per colour, and centre and size from the mask's moments (a uniform bar of n pixels
// has variance (n² - 1) / 12). Needs a build: npm run build:server && node scripts/build-demo-model.mjs
import { writeFileSync } from 'node:fs';
import { onnxModel, onnxNode, onnxTensor } from 'vedette/testing';

const SIZE = 320;
const COLOURS = ['red', 'green', 'blue'];
/** A pixel's excess of one channel over the mean of the others, from which it belongs to the colour; and how soft that edge is. */
const MIN_EXCESS = 0.55;
const STEEPNESS = 40;
/** Pixels from which a colour counts as present, and how gradually. */
const MIN_PIXELS = 150;
const PIXEL_STEEPNESS = 0.1;

const f32 = (name, dims, values) => onnxTensor(name, dims, Float32Array.from(values));
const i64 = (name, values) => onnxTensor(name, [values.length], BigInt64Array.from(values, BigInt));

const excess = COLOURS.flatMap((_, out) => COLOURS.map((_, channel) => STEEPNESS * (channel === out ? 1 : -0.5)));
// Coordinates of pixel centres from the middle of the picture: small numbers keep float32 exact enough for variances.
const powers = Array.from({ length: SIZE }, (_, i) => (i + 0.5 - SIZE / 2) / SIZE).flatMap((at) => [1, at, at * at]);

const tensors = [
  f32('excess', [3, 3, 1, 1], excess),
  f32(
    'threshold',
    [3],
    COLOURS.map(() => -STEEPNESS * MIN_EXCESS),
  ),
  f32('powers', [SIZE, 3], powers),
  f32('tiny', [], [1e-6]),
  f32('size', [], [SIZE]),
  f32('half', [], [SIZE / 2]),
  f32('twelve', [], [12 * SIZE * SIZE]),
  f32('one', [], [1]),
  f32('zero', [], [0]),
  f32('presence_slope', [], [PIXEL_STEEPNESS]),
  f32('presence_offset', [], [-PIXEL_STEEPNESS * MIN_PIXELS]),
  f32('identity', [3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]),
  i64('axis_1', [1]),
  i64('axis_2', [2]),
  i64('axis_3', [3]),
  i64('split', [1, 1, 1]),
];

/** Mass, centre and size along one axis, from the mask's profile [batch, 3, SIZE]. */
const along = (axis, reduced) => [
  onnxNode('ReduceSum', ['mask', reduced], [`profile_${axis}`], { keepdims: 0 }),
  onnxNode('MatMul', [`profile_${axis}`, 'powers'], [`moments_${axis}`]),
  onnxNode('Split', [`moments_${axis}`, 'split'], [`mass3_${axis}`, `first3_${axis}`, `second3_${axis}`], { axis: 2 }),
  onnxNode('Squeeze', [`mass3_${axis}`, 'axis_2'], [`mass_${axis}`]),
  onnxNode('Squeeze', [`first3_${axis}`, 'axis_2'], [`first_${axis}`]),
  onnxNode('Squeeze', [`second3_${axis}`, 'axis_2'], [`second_${axis}`]),
  onnxNode('Add', [`mass_${axis}`, 'tiny'], [`weight_${axis}`]),
  onnxNode('Div', [`first_${axis}`, `weight_${axis}`], [`mean_${axis}`]),
  onnxNode('Div', [`second_${axis}`, `weight_${axis}`], [`square_${axis}`]),
  onnxNode('Mul', [`mean_${axis}`, `mean_${axis}`], [`meansquare_${axis}`]),
  onnxNode('Sub', [`square_${axis}`, `meansquare_${axis}`], [`rawvariance_${axis}`]),
  onnxNode('Max', [`rawvariance_${axis}`, 'zero'], [`variance_${axis}`]),
  onnxNode('Mul', [`variance_${axis}`, 'twelve'], [`scaled_${axis}`]),
  onnxNode('Add', [`scaled_${axis}`, 'one'], [`sidesquare_${axis}`]),
  onnxNode('Sqrt', [`sidesquare_${axis}`], [`side_${axis}`]),
  onnxNode('Mul', [`mean_${axis}`, 'size'], [`offset_${axis}`]),
  onnxNode('Add', [`offset_${axis}`, 'half'], [`centre_${axis}`]),
];

const nodes = [
  onnxNode('Conv', ['images', 'excess', 'threshold'], ['logit'], { kernel_shape: [1, 1] }),
  onnxNode('Sigmoid', ['logit'], ['mask']),
  ...along('x', 'axis_2'),
  ...along('y', 'axis_3'),
  // Score: how much of the box is filled, and whether there is enough of the colour at all.
  onnxNode('Mul', ['side_x', 'side_y'], ['area']),
  onnxNode('Div', ['mass_x', 'area'], ['rawfill']),
  onnxNode('Min', ['rawfill', 'one'], ['fill']),
  onnxNode('Mul', ['mass_x', 'presence_slope'], ['presence_scaled']),
  onnxNode('Add', ['presence_scaled', 'presence_offset'], ['presence_logit']),
  onnxNode('Sigmoid', ['presence_logit'], ['presence']),
  onnxNode('Mul', ['fill', 'presence'], ['score']),
  onnxNode('Unsqueeze', ['score', 'axis_1'], ['score_row']),
  onnxNode('Mul', ['score_row', 'identity'], ['scores']),
  ...['centre_x', 'centre_y', 'side_x', 'side_y'].map((name) => onnxNode('Unsqueeze', [name, 'axis_1'], [`${name}_row`])),
  onnxNode('Concat', ['centre_x_row', 'centre_y_row', 'side_x_row', 'side_y_row', 'scores'], ['output0'], { axis: 1 }),
];

const model = onnxModel({
  nodes,
  tensors,
  inputs: [{ name: 'images', dims: ['batch', 3, SIZE, SIZE] }],
  outputs: [{ name: 'output0', dims: ['batch', 4 + COLOURS.length, COLOURS.length] }],
  metadata: {
    names: `{${COLOURS.map((name, i) => `${i}: '${name}'`).join(', ')}}`,
    task: 'detect',
    imgsz: `[${SIZE}, ${SIZE}]`,
    description: 'Finds saturated red, green and blue rectangles',
    license: 'MIT',
  },
});
const file = new URL('../models/demo-shapes.onnx', import.meta.url);
writeFileSync(file, model);
console.log(`models/demo-shapes.onnx: ${model.length} bytes`);
