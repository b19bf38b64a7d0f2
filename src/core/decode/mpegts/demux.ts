import { mediaError } from '../../errors/media.errors.js';
import { ElementaryStream } from './elementary-stream.js';
import { parsePat, parsePmt, SectionAssembler, STREAM_TYPE } from './psi.js';
import type { DemuxedSegment } from '../segment/demuxed-segment.js';

const PACKET_BYTES = 188;
const SYNC = 0x47;
const PAT_PID = 0;

/** MPEG-TS alone: see `demuxSegment`. @throws VD_MEDIA_NOT_MPEGTS, VD_MEDIA_NO_PROGRAM, VD_MEDIA_UNSUPPORTED_CODEC */
export function demuxTransport(bytes: Buffer): DemuxedSegment {
  const demuxer = new SegmentDemuxer(bytes);
  demuxer.run();
  return demuxer.result();
}

class SegmentDemuxer {
  private packets = 0;
  private errors = 0;
  private pmtPid: number | null = null;
  private mapped = false;
  private unsupported: number[] = [];
  private video: { codec: 'h264' | 'hevc'; stream: ElementaryStream } | null = null;
  private audio: { codec: 'aac' | 'mp3'; stream: ElementaryStream } | null = null;
  private readonly pat = new SectionAssembler();
  private readonly pmt = new SectionAssembler();
  private readonly streams = new Map<number, ElementaryStream>();
  private readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  run(): void {
    const bytes = this.bytes;
    let at = 0;
    while (at + PACKET_BYTES <= bytes.length) {
      if (bytes[at] !== SYNC) {
        const next = this.resync(at + 1);
        if (this.packets > 0) this.errors++;
        if (next === -1) return;
        at = next;
      }
      this.packet(at);
      at += PACKET_BYTES;
    }
    if (at < bytes.length && this.packets > 0) this.errors++; // cut off in the middle of a packet
  }

  result(): DemuxedSegment {
    if (this.packets === 0) throw mediaError('VD_MEDIA_NOT_MPEGTS', `no transport packet in ${this.bytes.length} bytes`);
    if (!this.mapped) throw mediaError('VD_MEDIA_NO_PROGRAM', `no programme map in ${this.packets} transport packets`);
    const video = this.video && { codec: this.video.codec, units: this.video.stream.finish() };
    const audio = this.audio && { codec: this.audio.codec, units: this.audio.stream.finish() };
    if (!video && !audio) {
      const types = this.unsupported.map((type) => `0x${type.toString(16).padStart(2, '0')}`).join(', ') || 'none';
      throw mediaError('VD_MEDIA_UNSUPPORTED_CODEC', `the programme map lists these stream types only: ${types}`);
    }
    let continuityErrors = this.errors;
    for (const stream of this.streams.values()) continuityErrors += stream.continuityErrors;
    return { video, audio, continuityErrors };
  }

  /** The next offset where a packet starts and, as far as the data goes, another follows it. */
  private resync(from: number): number {
    const bytes = this.bytes;
    for (let at = bytes.indexOf(SYNC, from); at !== -1; at = bytes.indexOf(SYNC, at + 1)) {
      if (at + PACKET_BYTES > bytes.length) return -1;
      if (at + PACKET_BYTES === bytes.length || bytes[at + PACKET_BYTES] === SYNC) return at;
    }
    return -1;
  }

  private packet(at: number): void {
    const bytes = this.bytes;
    const second = bytes[at + 1]!;
    const fourth = bytes[at + 3]!;
    const pid = ((second & 0x1f) << 8) | bytes[at + 2]!;
    this.packets++;
    if (second & 0x80) {
      this.errors++;
      return;
    }
    if (fourth & 0xc0) return; // scrambled
    const unitStart = (second & 0x40) !== 0;
    let payloadAt = at + 4;
    let adaptationFlags = 0;
    if (fourth & 0x20) {
      const length = bytes[payloadAt]!;
      if (length > 0) adaptationFlags = bytes[payloadAt + 1]!;
      payloadAt += 1 + length;
    }
    const end = at + PACKET_BYTES;
    if (!(fourth & 0x10) || payloadAt >= end) return;

    const stream = this.streams.get(pid);
    if (stream !== undefined) {
      stream.packet({
        start: payloadAt,
        end,
        unitStart,
        continuity: fourth & 0x0f,
        discontinuity: (adaptationFlags & 0x80) !== 0,
        randomAccess: (adaptationFlags & 0x40) !== 0,
      });
    } else if (pid === PAT_PID && this.pmtPid === null) {
      for (const section of this.pat.push(bytes.subarray(payloadAt, end), unitStart)) this.pmtPid ??= parsePat(section);
    } else if (pid === this.pmtPid && !this.mapped) {
      for (const section of this.pmt.push(bytes.subarray(payloadAt, end), unitStart)) this.map(section);
    }
  }

  private map(section: Buffer): void {
    const map = parsePmt(section);
    if (map === null || this.mapped) return;
    this.mapped = true;
    for (const { streamType, pid } of map.streams) {
      if (this.streams.has(pid)) continue;
      if ((streamType === STREAM_TYPE.h264 || streamType === STREAM_TYPE.hevc) && this.video === null) {
        const codec = streamType === STREAM_TYPE.h264 ? 'h264' : 'hevc';
        this.video = { codec, stream: new ElementaryStream(this.bytes, codec) };
        this.streams.set(pid, this.video.stream);
      } else if ((streamType === STREAM_TYPE.aac || STREAM_TYPE.mp3.includes(streamType)) && this.audio === null) {
        const codec = streamType === STREAM_TYPE.aac ? 'aac' : 'mp3';
        this.audio = { codec, stream: new ElementaryStream(this.bytes, codec) };
        this.streams.set(pid, this.audio.stream);
      } else {
        this.unsupported.push(streamType);
      }
    }
  }
}
