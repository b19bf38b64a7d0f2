import { describe, expect, it } from 'vitest';
import { onnxModel, onnxNode, onnxTensor } from '../plugin-testing/index.js';
import { readOnnx } from './onnx-reader.js';

const io = { inputs: [{ name: 'x', dims: ['n', 2] }], outputs: [{ name: 'y', dims: ['n', 2] }] } as const;
const good = onnxModel({ nodes: [onnxNode('Relu', ['x'], ['y'])], ...io, metadata: { names: "{0: 'cat'}", stride: '32' } });

/** Protobuf by hand, for what the writer would never write. */
const field = (number: number, bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from([...varint((number << 3) | 2), ...varint(bytes.length)]), bytes]);
const integer = (number: number, value: number): Buffer => Buffer.from([...varint(number << 3), ...varint(value)]);
function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
}
const externalEntry = Buffer.concat([field(1, Buffer.from('location')), field(2, Buffer.from('../../etc/passwd'))]);
const tensorBy = (...fields: Buffer[]): Buffer => Buffer.concat([onnxTensor('w', [2], Float32Array.of(1, 2)), ...fields]);
const graphWith = (...fields: Buffer[]): Buffer => Buffer.concat([integer(1, 8), field(7, Buffer.concat(fields))]);

describe(readOnnx.name, () => {
  it('reads the metadata that exporters leave', () => {
    expect(readOnnx(good, 'm').facts).toEqual({
      irVersion: 8,
      metadata: { names: "{0: 'cat'}", stride: '32' },
      precision: 'float32',
      nodes: 1,
    });
  });

  it('takes metadata named like an object’s own members for what it is', () => {
    const model = onnxModel({ nodes: [], ...io, metadata: { __proto__x: '1', constructor: '2' } });
    expect(readOnnx(model, 'm').facts.metadata).toEqual({ __proto__x: '1', constructor: '2' });
  });

  it.each([
    ['an initialiser', graphWith(field(5, tensorBy(field(13, externalEntry))))],
    ['an initialiser that only says where its data is', graphWith(field(5, tensorBy(integer(14, 1))))],
    ['a constant in a node', graphWith(field(1, field(5, field(5, tensorBy(field(13, externalEntry))))))],
    ['a list of constants in a node', graphWith(field(1, field(5, field(10, tensorBy(field(13, externalEntry))))))],
    ['a branch of an If', graphWith(field(1, field(5, field(6, field(5, tensorBy(field(13, externalEntry)))))))],
    ['a sparse tensor', graphWith(field(15, field(1, tensorBy(field(13, externalEntry)))))],
    ['a function', Buffer.concat([good, field(25, field(7, field(5, field(5, tensorBy(field(13, externalEntry))))))])],
    ['training information', Buffer.concat([good, field(20, field(1, field(5, tensorBy(field(13, externalEntry)))))])],
  ])('refuses data outside the file in %s', (_, bytes) => {
    expect(() => readOnnx(bytes, 'm.onnx')).toThrow(expect.objectContaining({ code: 'VD_MODEL_EXTERNAL_DATA' }));
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(1000)],
    ['text', Buffer.from('#EXTM3U\n#EXT-X-VERSION:3\n')],
    ['a zip, as PyTorch writes', Buffer.from('PK\x03\x04\x00\x00\x08\x08\x00\x00', 'latin1')],
    ['half a model', good.subarray(0, good.length >> 1)],
    ['a length beyond the end', Buffer.from([0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f])],
    ['a number without an end', Buffer.alloc(32, 0xff)],
    ['a model without a graph', integer(1, 8)],
  ])('says that %s is no model', (_, bytes) => {
    expect(() => readOnnx(bytes, 'm.onnx')).toThrow(expect.objectContaining({ code: 'VD_MODEL_NOT_ONNX' }));
  });

  const nested = (times: number): Buffer => {
    let graph: Buffer = Buffer.alloc(0);
    for (let i = 0; i < times; i++) graph = field(1, field(5, field(6, graph)));
    return Buffer.concat([integer(1, 8), field(7, graph)]);
  };
  const tensor = (type: number, dims: readonly number[], ...data: Buffer[]): Buffer =>
    graphWith(field(5, Buffer.concat([...dims.map((size) => integer(1, size)), integer(2, type), ...data])));
  const input = (...dims: (number | string)[]): Buffer => onnxModel({ nodes: [], inputs: [{ name: 'x', dims }], outputs: io.outputs });
  const negative = Buffer.concat([Buffer.from([1 << 3]), Buffer.alloc(9, 0xff), Buffer.from([1])]);

  it('takes a few branches within branches', () => {
    expect(readOnnx(nested(5), 'm').facts.nodes).toBe(5);
  });

  it.each([
    ['graphs nested without end', nested(200)],
    ['more data than its shape has room for', tensor(1, [2], field(9, Buffer.alloc(400)))],
    ['less data than its shape asks for', tensor(1, [1000, 1000], field(9, Buffer.alloc(8)))],
    ['fewer values than its shape asks for', tensor(1, [1000], field(4, Buffer.alloc(8)))],
    ['a shape and no data', tensor(1, [1000, 1000])],
    ['a shape larger than any file', tensor(1, [2 ** 20, 2 ** 20], field(9, Buffer.alloc(4)))],
    ['sizes that are negative', graphWith(field(5, Buffer.concat([negative, integer(2, 1), field(9, Buffer.alloc(4))])))],
    ['a type that does not exist', tensor(99, [1], field(9, Buffer.alloc(4)))],
    [
      'forty dimensions',
      tensor(
        1,
        Array.from({ length: 40 }, () => 1),
        field(9, Buffer.alloc(4)),
      ),
    ],
    ['dimensions without end, packed', graphWith(field(5, Buffer.concat([field(1, Buffer.alloc(1000, 1)), integer(2, 1)])))],
    ['an input of a terabyte', input(1, 3, 500_000, 500_000)],
    ['an input of twenty dimensions', input(...Array.from({ length: 20 }, () => 1))],
    ['more operators than anyone wrote', graphWith(...Array.from({ length: 100_001 }, () => field(1, Buffer.alloc(0))))],
  ])('refuses %s', (_, bytes) => {
    expect(() => readOnnx(bytes, 'm.onnx')).toThrow(expect.objectContaining({ code: 'VD_MODEL_MALFORMED' }));
  });

  it('does not spend minutes on a file of nothing but fields', () => {
    const bytes = Buffer.alloc(9_000_000, Buffer.from([0x20, 0x01]));
    expect(() => readOnnx(bytes, 'm.onnx')).toThrow(
      expect.objectContaining({ code: 'VD_MODEL_NOT_ONNX', message: expect.stringContaining('fields') }),
    );
  });

  const weights = (type: number, count: number, bytes: number): Buffer =>
    field(5, Buffer.concat([integer(1, count), integer(2, type), field(9, Buffer.alloc(bytes))]));
  it.each([
    ['float32', [weights(1, 8, 32), weights(7, 9, 72)]],
    ['float16', [weights(10, 8, 16), weights(1, 1, 4)]],
    ['float16', [weights(16, 8, 16)]],
    ['int8', [weights(3, 90, 90), weights(1, 9, 36), weights(6, 50, 200)]],
    ['int8', [weights(22, 9, 5)]],
    ['mixed', [weights(3, 50, 50), weights(1, 50, 200)]],
    ['float32', []],
  ])('tells that weights are %s', (precision, tensors) => {
    expect(readOnnx(graphWith(...tensors), 'm').facts.precision).toBe(precision);
  });

  it('survives any bytes', () => {
    let state = 1;
    const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24;
    for (let round = 0; round < 2000; round++) {
      const bytes = Buffer.from(good);
      for (let flips = 0; flips < 4; flips++) bytes[((random() << 8) | random()) % bytes.length] = random();
      try {
        readOnnx(bytes, 'm');
      } catch (error) {
        expect((error as { code?: string }).code).toMatch(/^VD_MODEL_/);
      }
    }
  });
});
