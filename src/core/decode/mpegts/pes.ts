export interface PesHeader {
  /** Offset of the elementary stream data in the payload. */
  readonly dataOffset: number;
  /** Elementary stream bytes that follow; null when the header leaves it open (video). */
  readonly dataSizeBytes: number | null;
  readonly ptsTicks: number | null;
  readonly dtsTicks: number | null;
}

/** Reads a PES header at the start of a packet's payload; null when there is none that makes sense. */
export function parsePesHeader(payload: Buffer): PesHeader | null {
  if (payload.length < 9 || payload[0] !== 0 || payload[1] !== 0 || payload[2] !== 1) return null;
  if ((payload[6]! & 0xc0) !== 0x80) return null;
  const declared = payload.readUInt16BE(4);
  const flags = payload[7]! >> 6;
  const headerBytes = payload[8]!;
  const dataOffset = 9 + headerBytes;
  if (dataOffset > payload.length) return null;
  const ptsTicks = flags >= 2 && headerBytes >= 5 ? readTimestamp(payload, 9) : null;
  const dtsTicks = flags === 3 && headerBytes >= 10 ? readTimestamp(payload, 14) : null;
  return { dataOffset, dataSizeBytes: declared === 0 ? null : Math.max(0, declared - 3 - headerBytes), ptsTicks, dtsTicks };
}

function readTimestamp(bytes: Buffer, at: number): number {
  // Beyond 32 bits: arithmetic, not shifts.
  return (
    ((bytes[at]! >> 1) & 0x07) * 2 ** 30 +
    (bytes[at + 1]! << 22) +
    ((bytes[at + 2]! >> 1) << 15) +
    (bytes[at + 3]! << 7) +
    (bytes[at + 4]! >> 1)
  );
}
