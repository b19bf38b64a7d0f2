// Reads TensorFlow.js graph models: operators in TensorFlow's notation, weights in 16-bit floats beside them.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** @returns a graph model's operators, in an order in which inputs come first, and its constants by name */
export function readGraphModel(file) {
  const { modelTopology, weightsManifest } = JSON.parse(readFileSync(file, 'utf8'));
  const nodes = new Map(modelTopology.node.map((node) => [node.name, node]));
  const order = [];
  const seen = new Set();
  const visit = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    const node = nodes.get(name);
    for (const input of node.input ?? []) visit(plainName(input));
    order.push(node);
  };
  for (const name of nodes.keys()) visit(name);
  return { order, constants: readWeights(weightsManifest, dirname(file)) };
}

function readWeights(manifest, folder) {
  const data = Buffer.concat(manifest.flatMap(({ paths }) => paths.map((path) => readFileSync(join(folder, path)))));
  const constants = new Map();
  let at = 0;
  for (const { name, shape, dtype, quantization } of manifest.flatMap(({ weights }) => weights)) {
    const isHalf = quantization?.dtype === 'float16';
    if (!isHalf && dtype !== 'int32') throw new Error(`${name}: ${dtype}, where only halves and integers are expected`);
    const sizeBytes = shape.reduce((product, side) => product * side, 1) * (isHalf ? 2 : 4);
    const bytes = Uint8Array.from(data.subarray(at, (at += sizeBytes))).buffer;
    const values = isHalf ? Float32Array.from(new Uint16Array(bytes), fromHalf) : new Int32Array(bytes);
    constants.set(name, { shape, values });
  }
  if (at !== data.length) throw new Error(`${data.length - at} bytes of weights are left over`);
  return constants;
}

/** Of an operator, from how others name its outputs: `^` marks an order, `:1` the second of several. */
export const plainName = (name) => name.replace(/^\^/, '').replace(/:\d+$/, '');
export const textOf = (attribute) => Buffer.from(attribute.s, 'base64').toString();
export const integersOf = (attribute) => attribute.list.i.map(Number);

function fromHalf(bits) {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}
