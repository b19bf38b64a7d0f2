import { onnxModel, onnxNode, onnxTensor } from 'vedette/testing';

/** Operators and constants on their way to an ONNX file; operators can still be changed until then. */
export class OnnxDraft {
  nodes = [];
  constants = new Map();
  made = 0;

  /** @returns the name of the operator's output */
  op(operator, inputs, attributes = {}, output = `${operator.toLowerCase()}_${this.made++}`) {
    this.nodes.push({ operator, inputs, outputs: [output], attributes });
    return output;
  }

  split(input, sizes, axis, outputs) {
    this.nodes.push({ operator: 'Split', inputs: [input, this.integers(sizes)], outputs, attributes: { axis } });
    return outputs;
  }

  constant(dims, data, name = `constant_${this.made++}`) {
    this.constants.set(name, { dims, data });
    return name;
  }

  floats(values, dims = [values.length]) {
    return this.constant(dims, Float32Array.from(values));
  }

  integers(values, dims = [values.length]) {
    return this.constant(dims, BigInt64Array.from(values, BigInt));
  }

  /** @param more outputs besides the signature's own */
  file({ inputs, outputs, metadata }, more = []) {
    return onnxModel({
      nodes: this.nodes.map(({ operator, inputs: from, outputs: to, attributes }) => onnxNode(operator, from, to, attributes)),
      tensors: [...this.constants].map(([name, { dims, data }]) => onnxTensor(name, dims, data)),
      inputs,
      outputs: [...outputs, ...more],
      metadata,
    });
  }
}
