import { BitReader } from './bit-reader.js';
import type { VideoSize } from './sps.js';

const SEQUENCE_HEADER = 1;
/** A sequence header is a dozen bytes. */
const MAX_HEADER_BYTES = 512;
/** One OBU: what kind it is and where its payload lies. */
export interface Obu {
  readonly type: number;
  readonly payload: Uint8Array;
  /** With its header. */
  readonly whole: Uint8Array;
}

/**
 * Walks the OBUs of an AV1 temporal unit (AV1 specification, 5.3).
 * @throws RangeError where the bytes are no OBUs
 */
export function* obus(bytes: Uint8Array): Generator<Obu> {
  for (let at = 0; at < bytes.length;) {
    const header = bytes[at]!;
    if ((header & 0x80) !== 0) throw new RangeError(`no OBU begins at ${at}`);
    let payloadAt = at + ((header & 0x04) === 0 ? 1 : 2);
    let end = bytes.length;
    if ((header & 0x02) !== 0) {
      const size = leb128(bytes, payloadAt);
      payloadAt = size.end;
      end = payloadAt + size.value;
    }
    if (payloadAt > bytes.length || end > bytes.length) throw new RangeError(`the OBU at ${at} goes beyond the end`);
    yield { type: (header >> 3) & 0x0f, payload: bytes.subarray(payloadAt, end), whole: bytes.subarray(at, end) };
    at = end;
  }
}

/** The first sequence header among the OBUs. */
export function sequenceHeaderOf(bytes: Uint8Array): Obu | undefined {
  for (const obu of obus(bytes)) if (obu.type === SEQUENCE_HEADER) return obu;
  return undefined;
}

/** @throws RangeError where the payload ends before the size */
export function av1Size(sequenceHeader: Uint8Array): VideoSize {
  const bits = new BitReader(sequenceHeader.subarray(0, MAX_HEADER_BYTES));
  bits.skip(4); // profile, still picture
  if (bits.bit() === 1) bits.skip(5);
  else skipOperatingPoints(bits);
  const widthBits = bits.bits(4) + 1;
  const heightBits = bits.bits(4) + 1;
  return { widthPx: bits.bits(widthBits) + 1, heightPx: bits.bits(heightBits) + 1 };
}

function skipOperatingPoints(bits: BitReader): void {
  let delayBits = 0;
  if (bits.bit() === 1) {
    bits.skip(64); // ticks, time scale
    if (bits.bit() === 1) bits.unsigned(); // ticks of a picture
    if (bits.bit() === 1) {
      delayBits = bits.bits(5) + 1;
      bits.skip(32 + 5 + 5);
    }
  }
  const hasInitialDelay = bits.bit() === 1;
  for (let points = bits.bits(5) + 1; points > 0; points--) {
    bits.skip(12);
    if (bits.bits(5) > 7) bits.bit(); // level, tier
    if (delayBits > 0 && bits.bit() === 1) bits.skip(2 * delayBits + 1);
    if (hasInitialDelay && bits.bit() === 1) bits.skip(4);
  }
}

function leb128(bytes: Uint8Array, from: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = bytes[from + i];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if ((byte & 0x80) === 0) return { value, end: from + i + 1 };
  }
  throw new RangeError(`no size at ${from}`);
}
