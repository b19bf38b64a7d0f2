import { closeSync, openSync, readSync } from 'node:fs';
import { FFmpegError, FormatContext, InputFormat, Packet, type Stream } from 'node-av/lib';
import {
  AV_DISPOSITION_ATTACHED_PIC,
  AV_NOPTS_VALUE,
  AV_PKT_DATA_ENCRYPTION_INIT_INFO,
  AVDISCARD_ALL,
  AVERROR_EOF,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
  AVSEEK_FLAG_BACKWARD,
} from 'node-av/constants';
import { importError } from '../../errors/import.errors.js';
import type { PtsUs, PushedTrackKind } from '../../plugin-api/index.js';
import { libavOk } from '../libav.js';
import { demuxerOf, HEAD_BYTES } from './file-kind.js';
import { rescaledUs } from './file-clock.js';

const PROBE_BYTES = 20_000_000n;
const PROBE_US = 10_000_000n;
const MOST_STREAMS = 64;
/** Damaged places are skipped; where nothing comes after so many tries the file is over. */
const MOST_FAILURES = 100;
/** Containers place sound some time before the pictures that it goes with. */
const SEEK_MARGIN_US = 2_000_000;
/** Nothing that is watched is longer; who claims more does not know it. */
const LONGEST_US = 14 * 86_400 * 1_000_000;
/** Cameras without a clock write the year their clock begins with. */
const OLDEST_DATE_MS = Date.UTC(1990, 0, 1);

/** A packet of one of the two tracks that are read; valid until the next one. */
export interface FilePacket {
  readonly track: PushedTrackKind;
  readonly packet: Packet;
}

/** A media file on the disk, opened by the one demuxer that its first bytes ask for, and reading nothing but that file. */
export class MediaFile {
  private readonly packet = new Packet();
  private lastPosition = 0;

  private constructor(
    private readonly format: FormatContext,
    readonly demuxer: string,
    readonly video: Stream,
    readonly audio: Stream | undefined,
  ) {
    this.packet.alloc();
  }

  /** @throws VD_IMPORT_NOT_MEDIA, VD_IMPORT_UNREADABLE, VD_IMPORT_NO_VIDEO, VD_IMPORT_ENCRYPTED */
  static open(path: string): MediaFile {
    const demuxer = demuxerOf(headOf(path));
    const format = new FormatContext();
    format.allocContext();
    libavOk(format.setOption('protocol_whitelist', 'file'), 'limiting what a file may open');
    format.maxStreams = MOST_STREAMS;
    format.probesize = PROBE_BYTES;
    format.maxAnalyzeDuration = PROBE_US;
    const opened = format.openInputSync(path, InputFormat.findInputFormat(demuxer), null);
    if (opened < 0) throw importError('VD_IMPORT_UNREADABLE', `It begins as ${demuxer} and cannot be opened: ${wordsOf(opened)}`);
    try {
      const found = format.findStreamInfoSync(null);
      if (found < 0) throw importError('VD_IMPORT_UNREADABLE', `Its tracks cannot be read: ${wordsOf(found)}`);
      return new MediaFile(format, demuxer, ...tracksOf(format));
    } catch (error) {
      format.closeInputSync();
      throw error;
    }
  }

  /** As the file says; null where it says nothing that can be believed. */
  get durationUs(): number | null {
    const us = this.format.duration === AV_NOPTS_VALUE ? 0 : Number(this.format.duration);
    return us > 0 && us <= LONGEST_US ? us : null;
  }

  get startUs(): PtsUs {
    return this.format.startTime === AV_NOPTS_VALUE ? 0 : Number(this.format.startTime);
  }

  /** When it was recorded, by its metadata. */
  get createdAtMs(): number | null {
    const places = [this.format.metadata, this.video.metadata];
    for (const key of ['com.apple.quicktime.creationdate', 'creation_time', 'DATE_RECORDED']) {
      for (const place of places) {
        const atMs = Date.parse(place?.get(key) ?? '');
        if (atMs >= OLDEST_DATE_MS && atMs <= Date.now()) return atMs;
      }
    }
    return null;
  }

  /** Where in the file reading is, in bytes. */
  get positionBytes(): number {
    return this.lastPosition;
  }

  /** Goes to a keyframe at or before that time, of the file's own clock. @returns false when it cannot: reading begins anew */
  seek(us: PtsUs): boolean {
    const { num, den } = this.video.timeBase;
    const ticks = BigInt(Math.floor(((us - SEEK_MARGIN_US) * den) / (num * 1_000_000)));
    return this.format.seekFrameSync(this.video.index, ticks, AVSEEK_FLAG_BACKWARD) >= 0;
  }

  /** The rest of the file, in its order. What cannot be read is left out. */
  *packets(): Generator<FilePacket, void, void> {
    const { packet, video, audio } = this;
    for (let failures = 0; failures < MOST_FAILURES;) {
      const status = this.format.readFrameSync(packet);
      if (status === AVERROR_EOF) return;
      if (status < 0) {
        failures += 1;
        continue;
      }
      failures = 0;
      if (packet.pos >= 0n) this.lastPosition = Number(packet.pos);
      if (packet.streamIndex === video.index) yield { track: 'video', packet };
      else if (packet.streamIndex === audio?.index) yield { track: 'audio', packet };
      packet.unref();
    }
  }

  streamOf(track: PushedTrackKind): Stream {
    return track === 'video' ? this.video : this.audio!;
  }

  close(): void {
    this.packet.free();
    this.format.closeInputSync();
  }
}

/** When a packet is decoded, by the file's clock; undefined where the file does not say. */
export function timeUs(ticks: bigint, stream: Stream): PtsUs | undefined {
  return ticks === AV_NOPTS_VALUE ? undefined : rescaledUs(ticks, stream.timeBase);
}

export const wordsOf = (status: number): string => new FFmpegError(status).message;

function headOf(path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

function tracksOf(format: FormatContext): [video: Stream, audio: Stream | undefined] {
  const streams = format.streams;
  const video = streams.find(
    (stream) => stream.codecpar.codecType === AVMEDIA_TYPE_VIDEO && !stream.hasDisposition(AV_DISPOSITION_ATTACHED_PIC),
  );
  if (video === undefined) {
    const what = streams.some(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_AUDIO) ? 'sound alone' : 'no pictures';
    throw importError('VD_IMPORT_NO_VIDEO', `There is ${what} in it`);
  }
  const isEncrypted = ({ codecpar }: Stream): boolean =>
    codecpar.codecTagString === 'encv' || codecpar.getCodedSideData(AV_PKT_DATA_ENCRYPTION_INIT_INFO) !== null;
  if (isEncrypted(video)) throw importError('VD_IMPORT_ENCRYPTED', 'Its pictures are encrypted');
  const best = format.findBestStream(AVMEDIA_TYPE_AUDIO, -1, video.index);
  const audio = best >= 0 ? streams[best] : undefined;
  for (const stream of streams) if (stream !== video && stream !== audio) stream.discard = AVDISCARD_ALL;
  return [video, audio];
}
