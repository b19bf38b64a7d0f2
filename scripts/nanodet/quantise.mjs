const IN_8_BITS = new Set(['Conv', 'LeakyRelu', 'Concat', 'Add', 'Resize', 'MaxPool']);
/** Weights use 7 of their 8 bits: processors without VNNI add two products in 16 bits, which would overflow. */
const LARGEST_WEIGHT = 63;
const LEAST_SCALE = 1e-8;

/** The operators of the publisher's graph that can compute in 8 bits, and the values between them. */
export function quantisable(draft) {
  const nodes = draft.nodes.filter(({ operator, outputs }) => IN_8_BITS.has(operator) && outputs[0].startsWith('PartitionedCall/'));
  const last = new Set(draft.nodes.filter(({ operator }) => operator === 'Reshape').map(({ inputs }) => inputs[0]));
  const values = new Set(nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]));
  for (const name of values) if (name === '' || draft.constants.has(name) || last.has(name)) values.delete(name);
  return { nodes: new Set(nodes), values };
}

/**
 * Puts quantising and dequantising around the operators (QDQ), as ONNX Runtime wants it.
 * @param ranges least and largest of each value that `quantisable` names, as measured on pictures
 */
export function quantise(draft, ranges) {
  const { nodes, values } = quantisable(draft);
  const scaleOf = (name) => Math.max((ranges[name][1] - ranges[name][0]) / 255, LEAST_SCALE);
  const rounded = new Map();
  const quantised = (name) => {
    if (!values.has(name)) return name;
    if (!rounded.has(name)) {
      const scale = draft.constant([], Float32Array.of(scaleOf(name)));
      const zero = draft.constant([], Uint8Array.of(Math.round(-ranges[name][0] / scaleOf(name))));
      const bytes = draft.op('QuantizeLinear', [name, scale, zero], {}, `${name}/bytes`);
      rounded.set(name, draft.op('DequantizeLinear', [bytes, scale, zero], {}, `${name}/rounded`));
    }
    return rounded.get(name);
  };
  for (const node of draft.nodes.splice(0)) {
    if (nodes.has(node)) {
      if (node.operator === 'Conv') quantiseWeights(draft, node, scaleOf(node.inputs[0]));
      draft.nodes.push({ ...node, inputs: node.inputs.map(quantised) });
    } else draft.nodes.push({ ...node, inputs: node.inputs.map((name) => rounded.get(name) ?? name) });
  }
  return draft;
}

/** Each of a convolution's kernels has a scale of its own, and its bias that of the products. */
function quantiseWeights(draft, { inputs: [, weight, bias] }, inputScale) {
  const { dims, data } = draft.constants.get(weight);
  const each = data.length / dims[0];
  const scales = Float32Array.from({ length: dims[0] }, (_, kernel) => {
    const largest = data.subarray(kernel * each, (kernel + 1) * each).reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    return Math.max(largest / LARGEST_WEIGHT, LEAST_SCALE);
  });
  const integers = Int8Array.from(data, (value, i) => Math.round(value / scales[Math.floor(i / each)]));
  storeInteger(draft, weight, dims, integers, scales);
  const biasScales = scales.map((scale) => scale * inputScale);
  const biases = Int32Array.from(draft.constants.get(bias).data, (value, kernel) => Math.round(value / biasScales[kernel]));
  storeInteger(draft, bias, [dims[0]], biases, biasScales);
}

/** Stores integers under another name, and gives the name to what they stand for. */
function storeInteger(draft, name, dims, data, scales) {
  draft.constants.delete(name);
  const inputs = [
    draft.constant(dims, data, `${name}/integers`),
    draft.constant([scales.length], scales),
    draft.constant([scales.length], new data.constructor(scales.length)),
  ];
  draft.op('DequantizeLinear', inputs, { axis: 0 }, name);
}
