/** Hand-made MPEG-TS, for what ffmpeg would never write. */
const PMT_PID = 0x1000;
const VIDEO_PID = 0x100;
const AUDIO_PID = 0x101;

export interface HandMadeUnit {
  readonly pid?: number;
  /** Raw ticks; null leaves the timestamp out. */
  readonly ptsTicks: number | null;
  readonly dtsTicks?: number;
  readonly data: Buffer;
  readonly randomAccess?: boolean;
  /** Writes the PES length instead of leaving it open. */
  readonly declareLength?: boolean;
}

export const VIDEO = VIDEO_PID;
export const AUDIO = AUDIO_PID;

/** Annex B pictures: one slice of the type, and some bytes. */
export function slice(type: number, size = 40): Buffer {
  return Buffer.concat([Buffer.from([0, 0, 0, 1, 9, 0xf0, 0, 0, 1, type]), Buffer.alloc(size, 0x5a)]);
}

export function transportStream(
  units: readonly HandMadeUnit[],
  streams: readonly [type: number, pid: number][] = [[0x1b, VIDEO_PID]],
): Buffer {
  const counters = new Map<number, number>();
  const packets = [table(0, 0x00, patBody()), table(PMT_PID, 0x02, pmtBody(streams))];
  for (const unit of units) packets.push(...pesPackets(unit, counters));
  return Buffer.concat(packets);
}

function pesPackets(unit: HandMadeUnit, counters: Map<number, number>): Buffer[] {
  const { pid = VIDEO_PID, ptsTicks, dtsTicks, data } = unit;
  const stamps = Buffer.concat([
    ...(ptsTicks === null ? [] : [stamp(dtsTicks === undefined ? 2 : 3, ptsTicks)]),
    ...(dtsTicks === undefined ? [] : [stamp(1, dtsTicks)]),
  ]);
  const flags = ptsTicks === null ? 0 : dtsTicks === undefined ? 0x80 : 0xc0;
  const length = unit.declareLength ? 3 + stamps.length + data.length : 0;
  const pes = Buffer.concat([Buffer.from([0, 0, 1, 0xe0, length >> 8, length & 0xff, 0x80, flags, stamps.length]), stamps, data]);
  const packets: Buffer[] = [];
  for (let at = 0; at < pes.length;) {
    const first = at === 0;
    const flagged = first && unit.randomAccess === true;
    const room = 184 - (flagged ? 2 : 0);
    const part = pes.subarray(at, at + room);
    at += part.length;
    const counter = counters.get(pid) ?? 0;
    counters.set(pid, (counter + 1) & 0x0f);
    packets.push(packet(pid, first, counter, part, flagged ? 0x40 : undefined));
  }
  return packets;
}

function packet(pid: number, unitStart: boolean, counter: number, payload: Buffer, adaptationFlags?: number): Buffer {
  const stuffing = 184 - payload.length;
  const header = Buffer.from([0x47, (unitStart ? 0x40 : 0) | (pid >> 8), pid & 0xff, (stuffing > 0 ? 0x30 : 0x10) | counter]);
  if (stuffing === 0) return Buffer.concat([header, payload]);
  const adaptation = Buffer.alloc(stuffing, 0xff);
  adaptation[0] = stuffing - 1;
  if (stuffing > 1) adaptation[1] = adaptationFlags ?? 0;
  return Buffer.concat([header, adaptation, payload]);
}

function stamp(prefix: number, ticks: number): Buffer {
  const high = Math.floor(ticks / 2 ** 30) & 0x07;
  const middle = Math.floor(ticks / 2 ** 15) & 0x7fff;
  const low = ticks & 0x7fff;
  return Buffer.from([(prefix << 4) | (high << 1) | 1, middle >> 7, ((middle & 0x7f) << 1) | 1, low >> 7, ((low & 0x7f) << 1) | 1]);
}

function patBody(): Buffer {
  return Buffer.from([0, 1, 0xe0 | (PMT_PID >> 8), PMT_PID & 0xff]);
}

function pmtBody(streams: readonly [number, number][]): Buffer {
  return Buffer.concat([
    Buffer.from([0xe0 | (VIDEO_PID >> 8), VIDEO_PID & 0xff, 0xf0, 0]),
    ...streams.map(([type, pid]) => Buffer.from([type, 0xe0 | (pid >> 8), pid & 0xff, 0xf0, 0])),
  ]);
}

function table(pid: number, id: number, body: Buffer): Buffer {
  const length = 5 + body.length + 4;
  const section = Buffer.concat([Buffer.from([id, 0xb0 | (length >> 8), length & 0xff, 0, 1, 0xc1, 0, 0]), body]);
  const payload = Buffer.alloc(184, 0xff);
  payload[0] = 0;
  section.copy(payload, 1);
  payload.writeUInt32BE(crc32(section), 1 + section.length);
  return packet(pid, true, 0, payload);
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}
