import { AccessUnit, gather } from '../segment/demuxed-unit.js';
import { unitEntry, type UnitEntry } from '../segment/unit-entry.js';
import { parsePesHeader } from './pes.js';

/** One transport packet of the stream: where its payload lies and what its header says. */
export interface TransportPayload {
  readonly start: number;
  readonly end: number;
  readonly unitStart: boolean;
  readonly continuity: number;
  readonly discontinuity: boolean;
  readonly randomAccess: boolean;
}

interface OpenUnit {
  readonly ranges: number[];
  readonly ptsTicks: number;
  readonly dtsTicks: number;
  readonly randomAccess: boolean;
  /** Bytes still to come by the PES header; null when it leaves the length open. */
  remainingBytes: number | null;
  broken: boolean;
}

/** What MPEG-TS carries. */
type TransportCodec = 'h264' | 'hevc' | 'aac' | 'mp3';

/** Collects one PID's payloads into access units. */
export class ElementaryStream {
  continuityErrors = 0;
  private lastContinuity: number | null = null;
  private open: OpenUnit | null = null;
  /** Packets went missing while no unit was open. */
  private brokenBefore = false;
  private readonly units: AccessUnit[] = [];
  private readonly segment: Buffer;
  private readonly codec: TransportCodec;

  constructor(segment: Buffer, codec: TransportCodec) {
    this.segment = segment;
    this.codec = codec;
  }

  packet(packet: TransportPayload): void {
    if (this.lastContinuity !== null && !packet.discontinuity) {
      if (packet.continuity === this.lastContinuity) return; // a repeated packet, which the standard allows
      if (packet.continuity !== ((this.lastContinuity + 1) & 0x0f)) this.break();
    }
    this.lastContinuity = packet.continuity;
    if (packet.unitStart) this.begin(packet);
    else this.append(packet.start, packet.end);
  }

  private break(): void {
    this.continuityErrors++;
    if (this.open !== null) this.open.broken = true;
    else this.brokenBefore = true;
  }

  finish(): readonly AccessUnit[] {
    this.close();
    return this.units;
  }

  private begin(packet: TransportPayload): void {
    const header = parsePesHeader(this.segment.subarray(packet.start, packet.end));
    // Without a timestamp of its own it continues the unit before it.
    if (header !== null && header.ptsTicks === null) {
      if (this.open !== null) this.open.remainingBytes = header.dataSizeBytes;
      this.append(packet.start + header.dataOffset, packet.end);
      return;
    }
    this.close();
    if (header === null || header.ptsTicks === null) return;
    this.open = {
      ranges: [],
      ptsTicks: header.ptsTicks,
      dtsTicks: header.dtsTicks ?? header.ptsTicks,
      randomAccess: packet.randomAccess,
      remainingBytes: header.dataSizeBytes,
      broken: this.brokenBefore,
    };
    this.brokenBefore = false;
    this.append(packet.start + header.dataOffset, packet.end);
  }

  private append(start: number, end: number): void {
    const unit = this.open;
    if (unit === null) return;
    const size = unit.remainingBytes === null ? end - start : Math.min(end - start, unit.remainingBytes);
    if (size <= 0) return;
    unit.ranges.push(start, start + size);
    if (unit.remainingBytes !== null) unit.remainingBytes -= size;
  }

  private close(): void {
    const unit = this.open;
    this.open = null;
    if (unit === null || unit.ranges.length === 0) return;
    const entry = this.entry(unit);
    const isBroken = unit.broken || (unit.remainingBytes ?? 0) > 0;
    this.units.push(new AccessUnit(this.segment, unit.ranges, unit.ptsTicks, unit.dtsTicks, entry !== null, isBroken, entry?.wholeAfter));
  }

  private entry({ ranges, randomAccess }: OpenUnit): UnitEntry | null {
    const { codec } = this;
    if (codec === 'aac' || codec === 'mp3') return { wholeAfter: 0 };
    return unitEntry(codec, randomAccess, (leastBytes) => gather(this.segment, ranges, leastBytes));
  }
}
