import { Dice } from '../detection/model-mutations.js';

/** A field of a protobuf message, and how it is written where that is not how writers write. */
export interface OddField {
  readonly number: number;
  readonly content: bigint | Buffer | readonly OddField[];
  /** Bytes of the tag, more than it needs. */
  readonly tagBytes?: number;
  /** Added to the tag: what lies beyond its 32 bits. */
  readonly tagBeyond?: bigint;
  /** Bytes of the number, or of the length, more than it needs. */
  readonly numberBytes?: number;
}

export const number = (field: number, value: bigint | number): OddField => ({ number: field, content: BigInt(value) });
export const text = (field: number, value: string): OddField => ({ number: field, content: Buffer.from(value) });
export const message = (field: number, ...content: readonly OddField[]): OddField => ({ number: field, content });

export function written(fields: readonly OddField[]): Buffer {
  return Buffer.concat(
    fields.flatMap(({ number: field, content, tagBytes, tagBeyond = 0n, numberBytes }) => {
      const wire = typeof content === 'bigint' ? 0 : 2;
      const tag = varint(BigInt(field * 8 + wire) + tagBeyond, tagBytes);
      if (typeof content === 'bigint') return [tag, varint(content, numberBytes)];
      const bytes = Buffer.isBuffer(content) ? content : written(content as readonly OddField[]);
      return [tag, varint(BigInt(bytes.length), numberBytes), bytes];
    }),
  );
}

/** In at least so many bytes: the last ones say nothing. */
function varint(value: bigint, minBytes = 1): Buffer {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, value);
  do {
    bytes.push(Number(left & 127n) | 128);
    left >>= 7n;
  } while (left > 0n || bytes.length < minBytes);
  bytes.push(bytes.pop()! & 127);
  return Buffer.from(bytes);
}

type Oddity = (field: OddField, dice: Dice) => readonly OddField[];
const ODDITIES: readonly Oddity[] = [
  (field, dice) => [{ ...field, tagBytes: 2 + dice.below(9) }],
  (field, dice) => [{ ...field, tagBeyond: BigInt(1 + dice.below(15)) << 32n }],
  (field, dice) => [{ ...field, tagBeyond: 1n << BigInt(32 + dice.below(32)) }],
  (field, dice) => [{ ...field, numberBytes: 2 + dice.below(9) }],
  (field, dice) =>
    typeof field.content === 'bigint' ? [{ ...field, content: field.content + (BigInt(1 + dice.below(3)) << 32n) }] : [field],
  (field) => [field, field],
  (field, dice) => [{ ...field, number: field.number + dice.below(40) }],
  (field, dice) => [field, { number: 1 + dice.below(40), content: Buffer.alloc(dice.below(6), 1) }],
  (field, dice) => [field, { number: 1 + dice.below(40), content: BigInt(dice.below(4)) }],
  (field, dice) => [{ number: field.number, content: BigInt(dice.below(4)) }],
  () => [],
];

/** The message with some of its fields, at any depth, written oddly, twice, elsewhere or not at all. */
export function odd(fields: readonly OddField[], seed: number): OddField[] {
  const dice = new Dice(seed);
  const all = countOf(fields);
  const chosen = new Map(Array.from({ length: 1 + dice.below(3) }, () => [dice.below(all), dice.one(ODDITIES)]));
  let at = 0;
  const change = (list: readonly OddField[]): OddField[] =>
    list.flatMap((field) => {
      const oddity = chosen.get(at++);
      const { content } = field;
      const inside =
        typeof content === 'bigint' || content instanceof Buffer ? field : { ...field, content: change(content as OddField[]) };
      return oddity === undefined ? [inside] : [...oddity(inside, dice)];
    });
  return change(fields);
}

const countOf = (fields: readonly OddField[]): number =>
  fields.reduce(
    (sum, { content }) => sum + 1 + (typeof content === 'bigint' || content instanceof Buffer ? 0 : countOf(content as OddField[])),
    0,
  );
