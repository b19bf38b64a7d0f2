import { onnxModel, onnxNode, onnxTensor, type OnnxAttribute, type OnnxData, type OnnxElementType, type OnnxValue } from './onnx-writer.js';

/**
 * A small ONNX graph, written step by step: every step gives the name of what it makes.
 * @example
 * const graph = new OnnxGraph();
 * const x = graph.input('x', ['batch', 3]);
 * graph.output('y', graph.op('Mul', [x, graph.floats([2])]), ['batch', 3]);
 * const file = graph.model({ names: "{0: 'a'}" });
 */
export class OnnxGraph {
  private readonly nodes: Buffer[] = [];
  private readonly tensors: Buffer[] = [];
  private readonly inputs: OnnxValue[] = [];
  private readonly outputs: OnnxValue[] = [];
  private made = 0;

  input(name: string, dims: OnnxValue['dims'], type: OnnxElementType = 'float32'): string {
    this.inputs.push({ name, dims, type });
    return name;
  }

  /** Gives `value` the name and shape of an output. */
  output(name: string, value: string, dims: OnnxValue['dims'], type: OnnxElementType = 'float32'): void {
    this.nodes.push(onnxNode('Identity', [value], [name]));
    this.outputs.push({ name, dims, type });
  }

  constant(dims: readonly number[], data: OnnxData, type?: OnnxElementType): string {
    const name = this.name('constant');
    this.tensors.push(onnxTensor(name, dims, data, type));
    return name;
  }
  floats(values: readonly number[], dims: readonly number[] = [values.length]): string {
    return this.constant(dims, Float32Array.from(values));
  }
  integers(values: readonly number[], dims: readonly number[] = [values.length]): string {
    return this.constant(dims, BigInt64Array.from(values, BigInt));
  }

  /** One operator with one result. */
  op(operator: string, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>> = {}): string {
    const [result] = this.ops(operator, inputs, 1, attributes);
    return result!;
  }
  /** One operator with several results. */
  ops(operator: string, inputs: readonly string[], results: number, attributes: Readonly<Record<string, OnnxAttribute>> = {}): string[] {
    const names = Array.from({ length: results }, () => this.name(operator));
    this.nodes.push(onnxNode(operator, inputs, names, attributes));
    return names;
  }

  model(metadata: Readonly<Record<string, string>> = {}, opset?: number): Buffer {
    return onnxModel({
      nodes: this.nodes,
      tensors: this.tensors,
      inputs: this.inputs,
      outputs: this.outputs,
      metadata,
      opset,
    });
  }

  private name(kind: string): string {
    return `${kind.toLowerCase()}_${this.made++}`;
  }
}
