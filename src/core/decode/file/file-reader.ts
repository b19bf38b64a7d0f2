import { Log } from 'node-av/lib';
import { AV_LOG_FATAL } from 'node-av/constants';
import { CodedError, type EncodedFrame, type PtsUs, type PushedAudioTrack, type PushedVideoTrack } from '../../plugin-api/index.js';
import { importError } from '../../errors/import.errors.js';
import { adtsHeaderBytes } from '../codec/index.js';
import { FileTrack } from './file-track.js';
import { FileSound } from './file-sound.js';
import { FilePictures } from './file-pictures.js';
import { planAudio, planVideo, type EncodingReason } from './file-plan.js';
import { lookAtFirstPictures } from './first-pictures.js';
import { Interleaver } from './interleaver.js';
import { lengthPrefixed } from './length-prefixed.js';
import { MediaFile } from './media-file.js';
import type { TrackReader } from './track-reader.js';

/** What a file has, before its frames are read. */
export interface FileFacts {
  readonly video: PushedVideoTrack;
  readonly audio: PushedAudioTrack | null;
  /** Where its media begins, about. */
  readonly startUs: PtsUs;
  /** As the file says; null where it says nothing that can be believed. */
  readonly durationUs: number | null;
  /** When it was recorded, by its metadata. */
  readonly createdAtMs: number | null;
  /** Why its pictures are encoded anew; empty: they are as they are in the file. */
  readonly encodedFor: readonly EncodingReason[];
}

/** How reading came to its end. */
export interface FileEnd {
  /** Where the last frame begins, in the media's time; null where there was none. */
  readonly lastPtsUs: PtsUs | null;
  /** Pictures and frames of sound that are in the file and could not be read. */
  readonly missing: { readonly video: number; readonly audio: number };
  /** How much of what the file says that it has is not there. */
  readonly shortUs: number;
}

/** A file ends this much before it says without a word. */
const SHORT_US = 1_000_000;
/** These know where a time lies. Of the others the clock may begin anew within the file: they are read from their beginning. */
const WITH_INDEX = new Set(['mov', 'matroska']);

/**
 * Reads a media file as frames of an epoch: upright, progressive, in codecs that browsers know. Media time is the file's own, moved so that
 * nothing comes before 0. The same file gives the same frames each time.
 */
export class FileReader {
  readonly facts: FileFacts;
  private readonly readers: Partial<Record<EncodedFrame['track'], TrackReader>>;
  private readonly shiftUs: number;

  private constructor(
    private readonly file: MediaFile,
    path: string,
  ) {
    const look = MediaFile.open(path);
    try {
      const first = lookAtFirstPictures(look);
      this.shiftUs = Math.max(0, -first.firstUs);
      const { shiftUs } = this;
      const [picture, sound] = [planVideo(file, first), planAudio(file, first)];
      const dropsCorrupt = file.demuxer === 'mov';
      const video =
        picture.kind === 'encode'
          ? new FilePictures({ stream: file.video, shiftUs, filters: picture.filters, size: picture.size })
          : new FileTrack({
              ...{ track: picture.track, kind: 'video', stream: file.video, shiftUs, dropsCorrupt },
              content: picture.isAnnexB ? lengthPrefixed : (data) => data,
            });
      const audio =
        file.audio === undefined || sound.kind === 'none'
          ? undefined
          : sound.kind === 'encode'
            ? new FileSound({ stream: file.audio, shiftUs })
            : new FileTrack({
                ...{ track: sound.track, kind: 'audio', stream: file.audio, shiftUs, dropsCorrupt },
                content: sound.isAdts ? withoutAdts : (data) => data,
              });
      this.readers = { video, ...(audio && { audio }) };
      this.facts = {
        video: video.track,
        audio: audio?.track ?? null,
        startUs: file.startUs + shiftUs,
        durationUs: file.durationUs,
        createdAtMs: file.createdAtMs,
        encodedFor: picture.kind === 'encode' ? picture.why : [],
      };
    } finally {
      look.close();
    }
  }

  /** @throws VD_IMPORT_NOT_MEDIA, VD_IMPORT_UNREADABLE, VD_IMPORT_NO_VIDEO, VD_IMPORT_ENCRYPTED, VD_IMPORT_CODEC_UNSUPPORTED */
  static open(path: string): FileReader {
    Log.setLevel(AV_LOG_FATAL);
    const file = MediaFile.open(path);
    try {
      return new FileReader(file, path);
    } catch (error) {
      file.close();
      if (error instanceof CodedError && !error.code.startsWith('VD_IMPORT_'))
        throw importError('VD_IMPORT_CODEC_UNSUPPORTED', error.message, { cause: error });
      throw error;
    }
  }

  /** Where in the file reading is, in bytes. */
  get positionBytes(): number {
    return this.file.positionBytes;
  }

  /**
   * The frames that are shown at or after a time of the media, in the order that they are decoded in.
   * @returns when the file is over
   */
  *frames(fromUs: PtsUs | null): Generator<EncodedFrame[], FileEnd, void> {
    const { readers, file } = this;
    const order = new Interleaver(readers.audio !== undefined);
    if (fromUs !== null) {
      for (const reader of Object.values(readers)) reader.fromUs = fromUs;
      if (WITH_INDEX.has(file.demuxer)) file.seek(fromUs - this.shiftUs);
    }
    let lastPtsUs: PtsUs | null = null;
    const inOrder = (frames: readonly EncodedFrame[]): EncodedFrame[] => {
      for (const { ptsUs } of frames) lastPtsUs = Math.max(lastPtsUs ?? ptsUs, ptsUs);
      return frames.flatMap((frame) => order.put(frame));
    };
    for (const { track, packet } of file.packets()) {
      const frames = inOrder(readers[track]?.take(packet) ?? []);
      if (frames.length > 0) yield frames;
    }
    for (const reader of Object.values(readers)) yield inOrder(reader.finish());
    yield order.finish();
    const missing = { video: readers.video?.missing ?? 0, audio: readers.audio?.missing ?? 0 };
    return { lastPtsUs, missing, shortUs: this.shortUs(lastPtsUs) };
  }

  close(): void {
    for (const reader of Object.values(this.readers)) reader.close();
    this.file.close();
  }

  private shortUs(lastPtsUs: PtsUs | null): number {
    const { durationUs, startUs } = this.file;
    if (durationUs === null || lastPtsUs === null || !WITH_INDEX.has(this.file.demuxer)) return 0;
    const shortUs = startUs + durationUs + this.shiftUs - lastPtsUs;
    return shortUs >= SHORT_US ? shortUs : 0;
  }
}

/** The frame without its header; null where it has none. */
function withoutAdts(data: Buffer): Buffer | null {
  const headerBytes = adtsHeaderBytes(data);
  return headerBytes === undefined ? null : data.subarray(headerBytes);
}
