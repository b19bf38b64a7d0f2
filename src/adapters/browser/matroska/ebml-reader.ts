import { unreadable } from '../media/unreadable.js';

/** An element whose body has come whole, or one whose children come next (`body` absent). */
export interface EbmlElement {
  readonly id: number;
  readonly body?: Buffer;
}

/** What is to be done about elements of an id. What is not named is skipped unread. */
export type EbmlPlan = ReadonlyMap<number, 'enter' | { readonly maxBytes: number }>;

/** An id and a size have at most so many bytes. */
const MAX_HEAD_BYTES = 12;

/**
 * Reads EBML as it comes, chunk by chunk. It keeps the bytes of one element at most: those that are entered are read as a flat sequence,
 * since what can be in them has ids of its own.
 */
export class EbmlReader {
  private held: Buffer = Buffer.alloc(0);
  private skipBytes = 0;
  private hasBegun = false;

  /** @param firstId of the element that the file begins with */
  constructor(
    private readonly firstId: number,
    private readonly plan: EbmlPlan,
  ) {}

  /** @throws VD_BROWSER_MEDIA_UNREADABLE */
  *push(chunk: Buffer): Generator<EbmlElement> {
    this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    for (;;) {
      const skipped = Math.min(this.skipBytes, this.held.length);
      this.skipBytes -= skipped;
      this.held = this.held.subarray(skipped);
      const element = this.skipBytes > 0 ? undefined : this.next();
      if (element === undefined) break;
      if (element !== 'skipped') yield element;
    }
    // What is left is a part of a chunk that nobody else should keep alive.
    this.held = Buffer.from(this.held);
  }

  private next(): EbmlElement | 'skipped' | undefined {
    const { held } = this;
    const id = readVint(held, 0, true);
    const size = id === undefined ? undefined : readVint(held, id.end, false);
    if (id === undefined || size === undefined) {
      if (held.length >= MAX_HEAD_BYTES) throw unreadable('no element of Matroska begins where one should');
      return undefined;
    }
    if (!this.hasBegun && id.value !== this.firstId) throw unreadable('it does not begin as Matroska does');
    this.hasBegun = true;
    const plan = this.plan.get(id.value);
    if (plan === 'enter') {
      this.held = held.subarray(size.end);
      return { id: id.value };
    }
    if (size.isUnknown) throw unreadable(`element ${id.value.toString(16)} does not say how long it is`);
    if (plan === undefined) {
      this.held = held.subarray(size.end);
      this.skipBytes = size.value;
      return 'skipped';
    }
    if (size.value > plan.maxBytes)
      throw unreadable(`element ${id.value.toString(16)} has ${size.value} bytes, more than ${plan.maxBytes}`);
    const end = size.end + size.value;
    if (held.length < end) return undefined;
    this.held = held.subarray(end);
    return { id: id.value, body: held.subarray(size.end, end) };
  }
}

/** Children of an element whose body has come whole. @throws VD_BROWSER_MEDIA_UNREADABLE */
export function* childrenOf(body: Buffer): Generator<{ readonly id: number; readonly body: Buffer }> {
  for (let at = 0; at < body.length;) {
    const id = readVint(body, at, true);
    const size = id === undefined ? undefined : readVint(body, id.end, false);
    if (id === undefined || size === undefined || size.isUnknown || size.end + size.value > body.length)
      throw unreadable('an element goes beyond the end of the one that it is in');
    yield { id: id.value, body: body.subarray(size.end, size.end + size.value) };
    at = size.end + size.value;
  }
}

interface Vint {
  readonly value: number;
  readonly end: number;
  readonly isUnknown: boolean;
}

/**
 * A number of variable length; undefined when it is not all there, or is none.
 * @param isId an id keeps the mark of its length
 */
export function readVint(bytes: Buffer, at: number, isId: boolean): Vint | undefined {
  const first = bytes[at];
  if (first === undefined || first === 0) return undefined;
  const length = Math.clz32(first) - 23;
  if ((isId && length > 4) || at + length > bytes.length) return undefined;
  let value = isId ? first : first & (0xff >> length);
  let isUnknown = !isId && value === 0xff >> length;
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i]!;
    value = value * 256 + byte;
    isUnknown &&= byte === 0xff;
  }
  return { value, end: at + length, isUnknown };
}

/** An unsigned integer of up to 6 bytes. @throws VD_BROWSER_MEDIA_UNREADABLE */
export function uintOf(body: Buffer): number {
  if (body.length === 0) return 0;
  const significant = body.subarray(body.findIndex((byte) => byte !== 0));
  if (body.every((byte) => byte === 0)) return 0;
  if (significant.length > 6) throw unreadable('a number is larger than any that media has');
  return significant.readUIntBE(0, significant.length);
}
