/** One field of a protobuf message; nested messages come as bytes, nothing is copied. */
export interface Field {
  readonly number: number;
  /** Of a varint field: its value as a signed 64-bit integer, beyond 2^53 rounded. */
  readonly value?: number;
  readonly bytes?: Buffer;
}

/** Fields one file may have in all; real models have some ten thousand. Weights are one field a tensor. */
const MAX_FIELDS = 4_000_000;

/** Counts the fields of one file, so that a file of nothing but fields does not hold its reader for minutes. */
export class FieldBudget {
  #left = MAX_FIELDS;

  spend(): void {
    if (--this.#left < 0) throw new RangeError(`it has more than ${MAX_FIELDS} fields`);
  }
}

/**
 * Protobuf's wire format: the fields of one message.
 * @throws RangeError that says why these bytes are no message
 */
export function* fields(message: Buffer, budget: FieldBudget): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = message[at++];
      if (byte === undefined) throw new RangeError('it is cut off');
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return Number(BigInt.asIntN(64, BigInt(value) | rest()));
  };
  /** What a varint has beyond its first 28 bits. */
  const rest = (): bigint => {
    let value = 0n;
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) throw new RangeError('it is cut off');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number in it has no end');
  };
  const take = (length: number): Buffer => {
    if (length < 0 || length > message.length - at) throw new RangeError('it is cut off, or not a protobuf file');
    const bytes = message.subarray(at, at + length);
    at += length;
    return bytes;
  };
  while (at < message.length) {
    budget.spend();
    const tag = varint();
    const number = Math.floor(tag / 8);
    if (number < 1) throw new RangeError('it is not a protobuf file');
    switch (tag & 7) {
      case 0:
        yield { number, value: varint() };
        break;
      case 1:
        take(8);
        yield { number };
        break;
      case 2:
        yield { number, bytes: take(varint()) };
        break;
      case 5:
        take(4);
        yield { number };
        break;
      default:
        throw new RangeError('it is not a protobuf file');
    }
  }
}
