/** Random numbers from a seed: the same seed damages the same model in the same way. */
export class Dice {
  private state: number;
  constructor(seed: number) {
    this.state = (seed * 2_654_435_761) >>> 0 || 1;
  }
  below(limit: number): number {
    // xorshift32
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % Math.max(1, limit);
  }
  one<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

/** A protobuf message as fields that can be changed and written again. */
interface Field {
  readonly number: number;
  readonly wire: number;
  value: bigint;
  bytes: Buffer;
  /** Where the bytes are a message themselves. */
  readonly children?: Field[];
  readonly kind: string;
}

/** Messages of ONNX by the fields that lead on to others; what ends in `text` or `data` is what it says. */
const SCHEMA: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  model: { 7: 'graph', 8: 'opset', 14: 'entry' },
  graph: { 1: 'node', 5: 'tensor', 11: 'value', 12: 'value' },
  node: { 1: 'text', 2: 'text', 4: 'text', 5: 'attribute' },
  attribute: { 5: 'tensor' },
  tensor: { 8: 'text', 9: 'data' },
  value: { 1: 'text', 2: 'type' },
  type: { 1: 'tensor-type' },
  'tensor-type': { 2: 'shape' },
  shape: { 1: 'dimension' },
  entry: { 1: 'text', 2: 'text' },
};

function parse(message: Buffer, kind: string): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const [number, wire] = [Number(tag >> 3n), Number(tag & 7n)];
    const child = SCHEMA[kind]?.[number] ?? 'unknown';
    if (wire === 0) fields.push({ number, wire, value: varint(), bytes: Buffer.alloc(0), kind: `${kind}.${number}` });
    else {
      const length = wire === 2 ? Number(varint()) : wire === 5 ? 4 : 8;
      const bytes = message.subarray(at, (at += length));
      fields.push({ number, wire, value: 0n, bytes, kind: child, ...(child in SCHEMA ? { children: parse(bytes, child) } : {}) });
    }
  }
  return fields;
}

function varintOf(value: bigint): Buffer {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
  out.push(Number(rest));
  return Buffer.from(out);
}

function write(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(({ number, wire, value, bytes, children }) => {
      const tag = varintOf(BigInt((number << 3) | wire));
      if (wire === 0) return [tag, varintOf(value)];
      const content = children ? write(children) : bytes;
      return wire === 2 ? [tag, varintOf(BigInt(content.length)), content] : [tag, content];
    }),
  );
}

const flat = (fields: readonly Field[]): Field[] => fields.flatMap((field) => [field, ...flat(field.children ?? [])]);

const HOSTILE_NUMBERS = [
  0n,
  1n,
  -1n,
  2n,
  3n,
  7n,
  255n,
  65_536n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 40n,
  2n ** 62n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const HOSTILE_FLOATS = [NaN, Infinity, -Infinity, 3.4e38, -3.4e38, 1e-45, 0];

/** One way to damage a model file each. The names say what a file so made looks like. */
const MUTATIONS: Readonly<Record<string, (model: Buffer, dice: Dice) => Buffer>> = {
  'flipped bytes': (model, dice) => {
    const bytes = Buffer.from(model);
    for (let i = 0; i <= dice.below(8); i++) bytes[dice.below(bytes.length)] = dice.below(256);
    return bytes;
  },
  'broken header': (model, dice) => {
    const bytes = Buffer.from(model);
    for (let i = 0; i < 16; i++) bytes[dice.below(Math.min(32, bytes.length))] = dice.below(256);
    return bytes;
  },
  truncated: (model, dice) => model.subarray(0, dice.below(model.length)),
  'a piece gone': (model, dice) => {
    const from = dice.below(model.length);
    return Buffer.concat([model.subarray(0, from), model.subarray(from + 1 + dice.below(64))]);
  },
  'a piece twice': (model, dice) => {
    const from = dice.below(model.length);
    const to = from + 1 + dice.below(256);
    return Buffer.concat([model.subarray(0, to), model.subarray(from)]);
  },
  'hostile numbers': (model, dice) =>
    rewritten(
      model,
      dice,
      (field) => field.wire === 0,
      (field) => {
        field.value = dice.one(HOSTILE_NUMBERS);
      },
    ),
  'swapped dimensions': (model, dice) =>
    rewritten(
      model,
      dice,
      (field) => field.kind === 'tensor.1' || field.kind === 'dimension.1',
      (field, others) => {
        const other = dice.one(others);
        [field.value, other.value] = [other.value, field.value];
      },
    ),
  'giant dimensions': (model, dice) =>
    rewritten(
      model,
      dice,
      (field) => field.kind === 'tensor.1' || field.kind === 'dimension.1',
      (field) => {
        field.value = 2n ** BigInt(20 + dice.below(43));
      },
    ),
  'giant or odd constants': (model, dice) =>
    rewritten(
      model,
      dice,
      (field) => field.kind === 'data' && field.bytes.length % 8 === 0,
      (field) => {
        const bytes = Buffer.from(field.bytes);
        bytes.writeBigInt64LE(dice.one(HOSTILE_NUMBERS), 8 * dice.below(bytes.length / 8));
        field.bytes = bytes;
      },
    ),
  'numbers that are none': (model, dice) =>
    rewritten(
      model,
      dice,
      (field) => field.kind === 'data' && field.bytes.length % 4 === 0,
      (field) => {
        const bytes = Buffer.from(field.bytes);
        for (let i = 0; i <= dice.below(bytes.length); i++) bytes.writeFloatLE(dice.one(HOSTILE_FLOATS), 4 * dice.below(bytes.length / 4));
        field.bytes = bytes;
      },
    ),
  'circles and other wrong names': (model, dice) =>
    rewritten(
      model,
      dice,
      (field) => field.kind === 'text',
      (field, others) => {
        field.bytes = dice.one(others).bytes;
      },
    ),
  'fields gone or in another order': (model, dice) => {
    const fields = parse(model, 'model');
    const lists = [fields, ...flat(fields).flatMap(({ children }) => (children && children.length > 0 ? [children] : []))];
    const list = dice.one(lists);
    const [moved] = list.splice(dice.below(list.length), 1);
    if (moved && dice.below(2) === 0) list.splice(dice.below(list.length + 1), 0, moved);
    return write(fields);
  },
};

function rewritten(
  model: Buffer,
  dice: Dice,
  wanted: (field: Field) => boolean,
  change: (field: Field, others: readonly Field[]) => void,
): Buffer {
  const fields = parse(model, 'model');
  const candidates = flat(fields).filter(wanted);
  if (candidates.length > 0) for (let i = 0; i <= dice.below(3); i++) change(dice.one(candidates), candidates);
  return write(fields);
}

export interface Mutant {
  readonly how: string;
  readonly model: Buffer;
}

/** The model, damaged by the way that the seed picks. */
export function mutated(model: Buffer, seed: number): Mutant {
  const dice = new Dice(seed);
  const how = Object.keys(MUTATIONS)[seed % Object.keys(MUTATIONS).length]!;
  return { how, model: MUTATIONS[how]!(model, dice) };
}
