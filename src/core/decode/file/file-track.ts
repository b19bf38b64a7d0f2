import type { Packet, Stream } from 'node-av/lib';
import { AV_PKT_FLAG_CORRUPT, AV_PKT_FLAG_DISCARD } from 'node-av/constants';
import type { EncodedFrame, PtsUs, PushedAudioTrack, PushedTrackKind, PushedVideoTrack } from '../../plugin-api/index.js';
import { asStored, rescaledUs } from './file-clock.js';
import { timeUs } from './media-file.js';
import type { TrackReader } from './track-reader.js';

/** How far a clock goes back before it is another one: a file put together of several. */
const BACKWARD_US = 500_000;
const USUAL_FRAME_US = 40_000;

export interface FileTrackOptions<Track> {
  readonly track: Track;
  readonly kind: PushedTrackKind;
  readonly stream: Stream;
  readonly shiftUs: number;
  /** The frame alone, of a packet's bytes; null: it is none. */
  readonly content: (data: Buffer) => Buffer | null;
  /** A packet that is cut off is of no use. */
  readonly dropsCorrupt: boolean;
}

/** Frames as they are in the file. */
export class FileTrack<Track extends PushedVideoTrack | PushedAudioTrack> implements TrackReader<Track> {
  readonly track: Track;
  fromUs = Number.NEGATIVE_INFINITY;
  missing = 0;
  private lastDtsUs: PtsUs | undefined;
  private lastEndUs: PtsUs | undefined;
  private jumpUs = 0;

  constructor(private readonly options: FileTrackOptions<Track>) {
    this.track = options.track;
  }

  take(packet: Packet): EncodedFrame[] {
    const { kind, content, dropsCorrupt } = this.options;
    // Before or after what an edit list shows.
    if (packet.hasFlags(AV_PKT_FLAG_DISCARD)) return [];
    const frame = this.timed(packet);
    const data = packet.data === null || (dropsCorrupt && packet.hasFlags(AV_PKT_FLAG_CORRUPT)) ? null : content(packet.data);
    if (data === null || data.length === 0) {
      this.missing += 1;
      return [];
    }
    if (frame.ptsUs < this.fromUs) return [];
    // Of its own: what libav reads into is used again.
    return [{ track: kind, ...frame, keyframe: kind === 'audio' || packet.isKeyframe, data: Uint8Array.from(data) }];
  }

  finish(): EncodedFrame[] {
    return [];
  }

  close(): void {
    // Nothing is held.
  }

  private timed(packet: Packet): Pick<EncodedFrame, 'dtsUs' | 'ptsUs'> {
    const { stream, shiftUs } = this.options;
    const durationUs = packet.duration > 0n ? rescaledUs(packet.duration, stream.timeBase) : USUAL_FRAME_US;
    const ptsUs = timeUs(packet.pts, stream);
    let dtsUs = timeUs(packet.dts, stream) ?? this.guessedDtsUs(ptsUs, durationUs);
    if (this.lastDtsUs !== undefined && dtsUs + this.jumpUs < this.lastDtsUs - BACKWARD_US)
      this.jumpUs = (this.lastEndUs ?? this.lastDtsUs) - dtsUs;
    const shownUs = (ptsUs ?? dtsUs) + this.jumpUs;
    dtsUs = Math.max(dtsUs + this.jumpUs, this.lastDtsUs ?? Number.NEGATIVE_INFINITY);
    this.lastDtsUs = dtsUs;
    this.lastEndUs = dtsUs + durationUs;
    return { dtsUs: asStored(dtsUs + shiftUs), ptsUs: asStored(shownUs + shiftUs) };
  }

  /** Matroska says no more than when a frame is shown. */
  private guessedDtsUs(ptsUs: PtsUs | undefined, durationUs: number): PtsUs {
    if (this.lastEndUs !== undefined) return this.lastEndUs - this.jumpUs;
    return (ptsUs ?? 0) - this.options.stream.codecpar.videoDelay * durationUs;
  }
}
