/** Size of a transport packet. */
export const PACKET_BYTES = 188;
const PAYLOAD_BYTES = PACKET_BYTES - 4;
/** Adaptation field with a clock reference. */
const CLOCK_FIELD_BYTES = 8;
/** Adaptation field with nothing but flags. */
const FLAGS_FIELD_BYTES = 2;
const FIRST_BYTES = 64 * 1024;
/** Above this, room that is not used is given back. */
const KEPT_BYTES = 1024 * 1024;

/** What the first packet of a unit says of it. */
export interface UnitHead {
  readonly pid: number;
  readonly sizeBytes: number;
  readonly isEntry: boolean;
  /** Programme clock, 33 bits of 90 kHz; undefined leaves it out. */
  readonly clockTicks: number | undefined;
}

/**
 * Writes units into transport packets, one behind the other into one buffer that grows: nothing is allocated for a packet. The bytes of
 * a unit come by {@link put}, in all as many as were announced.
 */
export class TransportPackets {
  private bytes = Buffer.allocUnsafe(FIRST_BYTES);
  private size = 0;
  private readonly counters = new Map<number, number>();
  private pid = 0;
  /** Of the unit under way: bytes that have no packet yet. */
  private left = 0;
  /** Of the packet under way: where the next byte goes, and how many fit. */
  private at = 0;
  private room = 0;
  private counter = 0;

  begin({ pid, sizeBytes, isEntry, clockTicks }: UnitHead): void {
    this.reserve((Math.ceil((sizeBytes + CLOCK_FIELD_BYTES) / PAYLOAD_BYTES) + 1) * PACKET_BYTES);
    this.pid = pid;
    this.left = sizeBytes;
    this.counter = this.counters.get(pid) ?? 0;
    const fieldBytes = clockTicks !== undefined ? CLOCK_FIELD_BYTES : isEntry ? FLAGS_FIELD_BYTES : 0;
    const field = this.openPacket(true, fieldBytes);
    if (fieldBytes > 0) this.bytes[field + 1] = (isEntry ? 0x40 : 0) | (clockTicks === undefined ? 0 : 0x10);
    if (clockTicks !== undefined) this.writeClock(field + 2, clockTicks);
  }

  put(source: Buffer, from: number, end: number): void {
    for (let at = from; at < end;) {
      if (this.room === 0) this.openPacket(false, 0);
      const count = Math.min(this.room, end - at);
      source.copy(this.bytes, this.at, at, at + count);
      at += count;
      this.at += count;
      this.room -= count;
    }
    if (this.left === 0 && this.room === 0) this.counters.set(this.pid, this.counter);
  }

  /** A table of one packet. */
  putTable(pid: number, packet: Buffer): void {
    this.reserve(PACKET_BYTES);
    const counter = this.counters.get(pid) ?? 0;
    packet.copy(this.bytes, this.size);
    this.bytes[this.size + 3] = 0x10 | counter;
    this.counters.set(pid, (counter + 1) & 0x0f);
    this.size += PACKET_BYTES;
  }

  /** All packets since the last call; valid until the next {@link begin} or {@link putTable}. */
  take(): Buffer {
    const { bytes, size } = this;
    this.size = 0;
    if (bytes.length > KEPT_BYTES && size < bytes.length / 8) this.bytes = Buffer.allocUnsafe(FIRST_BYTES);
    return bytes.subarray(0, size);
  }

  /** @returns where its adaptation field begins */
  private openPacket(isFirst: boolean, leastFieldBytes: number): number {
    const { bytes, pid, size } = this;
    const fieldBytes = Math.max(leastFieldBytes, PAYLOAD_BYTES - this.left);
    const field = size + 4;
    bytes[size] = 0x47;
    bytes[size + 1] = (isFirst ? 0x40 : 0) | (pid >> 8);
    bytes[size + 2] = pid & 0xff;
    bytes[size + 3] = (fieldBytes > 0 ? 0x30 : 0x10) | this.counter;
    this.counter = (this.counter + 1) & 0x0f;
    if (fieldBytes > 0) {
      bytes.fill(0xff, field, field + fieldBytes);
      bytes[field] = fieldBytes - 1;
      if (fieldBytes > 1) bytes[field + 1] = 0;
    }
    this.at = field + fieldBytes;
    this.room = PAYLOAD_BYTES - fieldBytes;
    this.left -= this.room;
    this.size = size + PACKET_BYTES;
    return field;
  }

  private writeClock(at: number, ticks: number): void {
    const { bytes } = this;
    bytes[at] = Math.floor(ticks / 0x2000000);
    bytes[at + 1] = Math.floor(ticks / 0x20000) & 0xff;
    bytes[at + 2] = Math.floor(ticks / 0x200) & 0xff;
    bytes[at + 3] = Math.floor(ticks / 2) & 0xff;
    bytes[at + 4] = ((ticks & 1) << 7) | 0x7e;
    bytes[at + 5] = 0;
  }

  private reserve(count: number): void {
    if (this.size + count <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.size + count, 2 * this.bytes.length));
    this.bytes.copy(grown, 0, 0, this.size);
    this.bytes = grown;
  }
}
