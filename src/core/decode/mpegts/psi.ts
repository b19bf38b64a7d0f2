import { sectionCrc } from './section-crc.js';

/** Stream types of a PMT that Vedette reads (ISO/IEC 13818-1, table 2-34). */
export const STREAM_TYPE = { h264: 0x1b, hevc: 0x24, aac: 0x0f, mp3: [0x03, 0x04] as readonly number[] } as const;

export interface ProgramMap {
  readonly streams: readonly { readonly streamType: number; readonly pid: number }[];
}

const MAX_SECTION_BYTES = 1024;

/** Puts the sections of one PID together; a section may run over several packets, several may share one. */
export class SectionAssembler {
  private pending: Buffer | null = null;

  /** @returns the sections that this payload completes and whose checksum holds */
  push(payload: Buffer, unitStart: boolean): Buffer[] {
    let rest = payload;
    if (unitStart) {
      const pointer = payload[0] ?? 0;
      // What comes before the pointer ends an earlier section; tables of one packet, the usual kind, have none.
      if (this.pending !== null) this.pending = Buffer.concat([this.pending, payload.subarray(1, 1 + pointer)]);
      const earlier = this.take();
      this.pending = payload.subarray(1 + pointer);
      return [...earlier, ...this.take()];
    }
    if (this.pending === null) return [];
    if (this.pending.length + rest.length > 2 * MAX_SECTION_BYTES) rest = Buffer.alloc(0);
    this.pending = Buffer.concat([this.pending, rest]);
    return this.take();
  }

  private take(): Buffer[] {
    const sections: Buffer[] = [];
    while (this.pending !== null && this.pending.length >= 3) {
      const length = 3 + (((this.pending[1]! & 0x0f) << 8) | this.pending[2]!);
      if (this.pending[0] === 0xff || length > MAX_SECTION_BYTES) {
        this.pending = null; // stuffing up to the end of the packet, or nonsense
        break;
      }
      if (this.pending.length < length) break;
      const section = this.pending.subarray(0, length);
      this.pending = this.pending.subarray(length);
      if (sectionCrc(section) === 0) sections.push(section);
    }
    return sections;
  }
}

/** @returns the PID of the first programme's map, or null */
export function parsePat(section: Buffer): number | null {
  if (section[0] !== 0x00) return null;
  for (let at = 8; at + 4 <= section.length - 4; at += 4) {
    const program = section.readUInt16BE(at);
    if (program !== 0) return section.readUInt16BE(at + 2) & 0x1fff;
  }
  return null;
}

export function parsePmt(section: Buffer): ProgramMap | null {
  if (section[0] !== 0x02 || section.length < 16) return null;
  const streams: { streamType: number; pid: number }[] = [];
  const end = section.length - 4;
  for (let at = 12 + (section.readUInt16BE(10) & 0x0fff); at + 5 <= end;) {
    streams.push({ streamType: section[at]!, pid: section.readUInt16BE(at + 1) & 0x1fff });
    at += 5 + (section.readUInt16BE(at + 3) & 0x0fff);
  }
  return { streams };
}
