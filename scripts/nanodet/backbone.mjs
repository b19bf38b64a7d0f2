import { integersOf, plainName, textOf } from './graph-model.mjs';

/**
 * Writes a graph model's operators into the draft. Pictures stay in planes (NCHW) throughout: a transpose to TensorFlow's order only
 * marks the value as `held` in planes, one back takes the mark away; neither is written. Values know their side for the publisher's
 * size, but nothing that depends on it is written, so that the network takes any multiple of its largest stride.
 * @param input name of the value that stands for the graph's input
 * @param leavesOut operators that are not written, nor what follows from them
 * @returns the name of each value in the draft, by its name in the graph
 */
export function writeBackbone(draft, { order, constants }, input, leavesOut) {
  const writer = new BackboneWriter(draft, constants, input);
  for (const node of order) if (node.op !== 'Const' && !leavesOut(node)) writer.write(node);
  return (name) => writer.values.get(name).name;
}

class BackboneWriter {
  values = new Map();

  constructor(draft, constants, input) {
    Object.assign(this, { draft, constants, input });
  }

  write(node) {
    if ((node.input ?? []).some((name) => !this.constant(name) && !this.value(name))) return;
    const write = WRITERS[node.op];
    if (write === undefined) throw new Error(`${node.name}: ${node.op} is not known`);
    this.values.set(node.name, write.call(this, node));
  }

  constant(name) {
    return this.constants.get(plainName(name));
  }

  value(name) {
    return this.values.get(name);
  }

  weight(name, dims = this.constant(name).shape, values = this.constant(name).values) {
    return this.draft.constant(dims, values, name);
  }
}

const WRITERS = {
  Placeholder(node) {
    return { name: this.input, held: false, side: Number(node.attr.shape.shape.dim[2].size) };
  },

  Transpose(node) {
    const [from, turn] = [this.value(node.input[0]), [...this.constant(node.input[1]).values].join()];
    if (turn === '0,2,3,1' && !from.held) return { ...from, held: true };
    if (turn === '0,3,1,2' && from.held) return { ...from, held: false };
    throw new Error(`${node.name}: unexpected order ${turn}`);
  },

  /** Padding is left to the convolution or pooling that follows. */
  Pad(node) {
    const [from, around] = [this.value(node.input[0]), this.constant(node.input[1]).values];
    if (from.held || around.slice(0, 4).some((n) => n !== 0)) throw new Error(`${node.name}: unexpected padding`);
    return { ...from, pads: [around[4], around[6], around[5], around[7]], conv: undefined };
  },

  PadV2(node) {
    return WRITERS.Pad.call(this, node);
  },

  Conv2D(node) {
    const [picture, kernel] = [this.value(node.input[0]), this.constant(node.input[1])];
    const [height, width, ins, outs] = kernel.shape;
    const strides = integersOf(node.attr.strides).slice(1, 3);
    const isPlain = picture.held && textOf(node.attr.padding) === 'VALID' && strides[0] === strides[1] && !node.attr.fused_ops;
    if (!isPlain || integersOf(node.attr.dilations).some((n) => n !== 1)) throw new Error(`${node.name}: unexpected convolution`);
    const { pads = [0, 0, 0, 0] } = picture;
    const weight = this.weight(node.input[1], [outs, ins, height, width], turnedKernel(kernel));
    const attributes = { kernel_shape: [height, width], strides, pads, dilations: [1, 1], group: 1 };
    const name = this.draft.op('Conv', [picture.name, weight], attributes, node.name);
    const side = Math.floor((picture.side + pads[0] + pads[2] - height) / strides[0]) + 1;
    return { name, held: true, side, conv: this.draft.nodes.at(-1) };
  },

  /** Of a convolution and a bias, or of two pictures. */
  Add(node) {
    const [first, second] = node.input.map((name) => this.value(name));
    const bias = node.input.find((name) => this.constant(name));
    if (bias === undefined)
      return { name: this.draft.op('Add', [first.name, second.name], {}, node.name), held: first.held, side: first.side };
    const { conv, ...picture } = first ?? second;
    if (conv === undefined) throw new Error(`${node.name}: a bias without a convolution`);
    conv.inputs.push(this.weight(bias));
    conv.outputs = [node.name];
    // The two are one operator, which stands where the sum stood.
    const { nodes } = this.draft;
    nodes.push(...nodes.splice(nodes.indexOf(conv), 1));
    return { ...picture, name: node.name };
  },

  LeakyRelu(node) {
    const { name, held, side } = this.value(node.input[0]);
    return { name: this.draft.op('LeakyRelu', [name], { alpha: { float: node.attr.alpha.f } }, node.name), held, side };
  },

  MaxPool(node) {
    const { name, held, side, pads } = this.value(node.input[0]);
    const [kernel, strides] = [node.attr.ksize, node.attr.strides].map((sizes) => integersOf(sizes).slice(1, 3));
    const pooled = this.draft.op('MaxPool', [name], { kernel_shape: kernel, strides, pads }, node.name);
    return { name: pooled, held, side: Math.floor((side + pads[0] + pads[2] - kernel[0]) / strides[0]) + 1 };
  },

  ResizeBilinear(node) {
    const [from, [side]] = [this.value(node.input[0]), this.constant(node.input[1]).values];
    if (!node.attr.half_pixel_centers.b) throw new Error(`${node.name}: unexpected alignment`);
    const scale = side / from.side;
    const inputs = [from.name, '', this.draft.floats([1, 1, scale, scale])];
    const attributes = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
    return { name: this.draft.op('Resize', inputs, attributes, node.name), held: from.held, side };
  },

  ConcatV2(node) {
    const axis = this.constant(node.input.at(-1)).values[0];
    const parts = node.input.slice(0, -1).map((name) => this.value(name));
    const { held, side } = parts[0];
    const names = parts.map(({ name }) => name);
    return { name: this.draft.op('Concat', names, { axis: held ? [0, 2, 3, 1][axis] : axis }, node.name), held, side };
  },
};

/** From TensorFlow's [height, width, in, out] to ONNX's [out, in, height, width]. */
function turnedKernel({ shape: [height, width, ins, outs], values }) {
  const turned = new Float32Array(values.length);
  for (let y = 0, from = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let i = 0; i < ins; i++) for (let o = 0; o < outs; o++, from++) turned[((o * ins + i) * height + y) * width + x] = values[from];
  return turned;
}
