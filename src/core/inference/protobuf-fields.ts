/** One field of a protobuf message; nested messages come as bytes, nothing is copied. */
export interface Field {
  readonly number: number;
  readonly wire: WireType;
  /** Of a varint field: its value as a signed 64-bit integer, beyond 2^53 rounded. */
  readonly value?: number;
  readonly bytes?: Buffer;
  /** Where the field, its tag included, lies in its message. */
  readonly from: number;
  readonly to: number;
}

/** How a field is written: as a varint, in 8 bytes, with its length before it, or in 4 bytes. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;
export type WireType = (typeof WIRE)[keyof typeof WIRE];

/** Fields one file may have in all; real models have some ten thousand. Weights are one field a tensor. */
const MAX_FIELDS = 4_000_000;
/** A tag is a number of 32 bits: other readers drop what goes beyond, and see another field. */
const TAG_LIMIT = 2 ** 32;

/** Counts the fields of one file, so that a file of nothing but fields does not hold its reader for minutes. */
export class FieldBudget {
  private left = MAX_FIELDS;

  spend(): void {
    if (--this.left < 0) throw new RangeError(`it has more than ${MAX_FIELDS} fields`);
  }
}

/**
 * Reads numbers and runs of bytes, and only in the one form that writers write: a number in more bytes than it needs is refused,
 * because readers differ in what they make of it.
 */
export class WireCursor {
  at = 0;

  constructor(private readonly message: Buffer) {}

  get isAtEnd(): boolean {
    return this.at >= this.message.length;
  }

  /** @throws RangeError for a number that is cut off, has no end, or is longer than need be */
  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return shift > 0 && byte === 0 ? this.refuseLong() : value;
    }
    return Number(BigInt.asIntN(64, BigInt(value) | this.rest()));
  }

  take(length: number): Buffer {
    if (length < 0 || length > this.message.length - this.at) throw new RangeError('it is cut off, or not a protobuf file');
    return this.message.subarray(this.at, (this.at += length));
  }

  /** What a varint has beyond its first 28 bits; the tenth byte has room for the last bit only. */
  private rest(): bigint {
    let value = 0n;
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      if (byte === 0 || (shift === 63n && byte > 1)) this.refuseLong();
      return value;
    }
    throw new RangeError('a number in it has no end');
  }

  private byte(): number {
    const byte = this.message[this.at++];
    if (byte === undefined) throw new RangeError('it is cut off');
    return byte;
  }

  private refuseLong(): never {
    throw new RangeError('a number in it is longer than need be, as no exporter writes it');
  }
}

/**
 * Protobuf's wire format: the fields of one message.
 * @throws RangeError that says why these bytes are no message
 */
export function* fields(message: Buffer, budget: FieldBudget): Generator<Field> {
  const cursor = new WireCursor(message);
  while (!cursor.isAtEnd) {
    budget.spend();
    const from = cursor.at;
    const tag = cursor.varint();
    if (tag < 0 || tag >= TAG_LIMIT) throw new RangeError('a field in it has a tag beyond 32 bits');
    const number = Math.floor(tag / 8);
    if (number < 1) throw new RangeError('it is not a protobuf file');
    const wire = tag & 7;
    switch (wire) {
      case WIRE.varint: {
        const value = cursor.varint();
        yield { number, wire, value, from, to: cursor.at };
        break;
      }
      case WIRE.bytes: {
        const bytes = cursor.take(cursor.varint());
        yield { number, wire, bytes, from, to: cursor.at };
        break;
      }
      case WIRE.fixed64:
      case WIRE.fixed32:
        cursor.take(wire === WIRE.fixed64 ? 8 : 4);
        yield { number, wire, from, to: cursor.at };
        break;
      default:
        throw new RangeError('it is not a protobuf file');
    }
  }
}

/** Tag and length of a field that holds `lengthBytes` bytes. */
export function bytesHeader(number: number, lengthBytes: number): Buffer {
  return Buffer.from([...varintOf(number * 8 + WIRE.bytes), ...varintOf(lengthBytes)]);
}

function varintOf(value: number): number[] {
  const bytes = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return [...bytes, left];
    bytes.push((left % 128) + 128);
  }
}
