const CLOCK_TICKS = 2 ** 33;
const WITH_PTS_BYTES = 14;
const WITH_BOTH_BYTES = 19;
const MAX_DECLARED_BYTES = 0xffff;

/** Ticks as a 33-bit clock has them: it wraps every 26.5 hours. */
export const wrapped = (ticks: number): number => ((ticks % CLOCK_TICKS) + CLOCK_TICKS) % CLOCK_TICKS;

/** The header of a PES packet, written anew into one buffer for each. */
export class PesHeader {
  readonly bytes = Buffer.alloc(WITH_BOTH_BYTES);
  sizeBytes = 0;

  /** The size is left open where it does not fit; else a unit that was cut off is known by it. */
  write(streamId: number, ptsTicks: number, dtsTicks: number, dataBytes: number): void {
    const { bytes } = this;
    const isShownAtOnce = ptsTicks === dtsTicks;
    this.sizeBytes = isShownAtOnce ? WITH_PTS_BYTES : WITH_BOTH_BYTES;
    const declaredBytes = this.sizeBytes - 6 + dataBytes;
    bytes[2] = 1;
    bytes[3] = streamId;
    bytes.writeUInt16BE(declaredBytes > MAX_DECLARED_BYTES ? 0 : declaredBytes, 4);
    bytes[6] = 0x80;
    bytes[7] = isShownAtOnce ? 0x80 : 0xc0;
    bytes[8] = this.sizeBytes - 9;
    this.stamp(9, isShownAtOnce ? 2 : 3, ptsTicks);
    if (!isShownAtOnce) this.stamp(WITH_PTS_BYTES, 1, dtsTicks);
  }

  private stamp(at: number, prefix: number, ticks: number): void {
    const { bytes } = this;
    bytes[at] = (prefix << 4) | (Math.floor(ticks / 2 ** 30) << 1) | 1;
    bytes[at + 1] = Math.floor(ticks / 2 ** 22) & 0xff;
    bytes[at + 2] = (Math.floor(ticks / 2 ** 14) & 0xfe) | 1;
    bytes[at + 3] = Math.floor(ticks / 2 ** 7) & 0xff;
    bytes[at + 4] = ((ticks << 1) & 0xfe) | 1;
  }
}
