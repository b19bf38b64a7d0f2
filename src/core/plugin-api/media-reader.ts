import type { EncodedFrame, FrameLossReason, PushedAudioTrack, PushedTrackKind, PushedVideoTrack } from './encoded-frame.js';

/** What a {@link MediaReader} reads, and what becomes of it. */
export interface MediaRequest {
  /** libav's name of the container or protocol, such as `rtsp` or `mpegts`: nothing is guessed from what comes. */
  readonly format: string;
  /**
   * What the reading process opens itself, credentials included: they reach it by a pipe and stand nowhere else. Absent: the media's bytes
   * are written to it ({@link OpenMedia.write}), and it opens nothing.
   */
  readonly url?: string;
  /** Protocols of libav's that it may use; whatever the media names, no others. */
  readonly protocols: readonly string[];
  /** Options of libav's for the format and its protocols. */
  readonly options?: Readonly<Record<string, string>>;
  /**
   * `auto`: pictures that browsers and analysis can use go through as they are, others (MJPEG, interlaced, H.264 of 10 bits, turned ones)
   * are encoded anew, upright. `copy`: what cannot go through is refused. `encode`: all are encoded.
   */
  readonly video: 'auto' | 'copy' | 'encode';
  /** `arrival`: the media has no clock of its own, and each frame is stamped when it comes. */
  readonly stamps: 'media' | 'arrival';
  /** `auto`: sound that browsers can use goes through, other is encoded to AAC. */
  readonly audio: 'auto' | 'none';
  readonly encoding: MediaEncoding;
  /** From the start until it is known what the media is made of. */
  readonly openTimeoutMs: number;
  /** The longest time without a frame from then on; time in which the reader is paused does not count. */
  readonly stallTimeoutMs: number;
}

/** How pictures are encoded that cannot go through as they are: to H.264. */
export interface MediaEncoding {
  readonly bitrateKbps: number;
  /** Distance of keyframes. */
  readonly gopSeconds: number;
}

/** What a source turned out to be made of. */
export interface MediaFacts {
  /** Names of codecs as the source has them; null where there is no such track. */
  readonly videoCodec: string | null;
  readonly audioCodec: string | null;
  readonly widthPx: number | null;
  readonly heightPx: number | null;
  readonly framesPerSecond: number | null;
  /** Pictures are encoded anew. */
  readonly isEncoded: boolean;
  /** How long it was looked at until this was known: the first frame came about as long ago. */
  readonly lookedMs: number;
}

/** Hears what comes of the media, in order. */
export interface MediaListener {
  opened(facts: MediaFacts): void;
  /** Pictures are of this format from now on. */
  video(track: Pick<PushedVideoTrack, 'codec' | 'configuration'>): void;
  /** Sound is of this format from now on. */
  audio(track: PushedAudioTrack): void;
  /** Times count on the source's own clock, which starts anywhere, does not wrap, and jumps where the source's jumps. */
  frame(frame: EncodedFrame): void;
  /** Frames that came and cannot be used. */
  lost(reason: FrameLossReason, track: PushedTrackKind): void;
  /** Something that a person should know of the source. */
  notice(text: string): void;
}

/** Why reading ended, for those who turn it into errors of their own. */
export type MediaFailureKind =
  /** It is over: the source closed the connection, or its file ended. */
  | 'ended'
  | 'refused'
  | 'unreachable'
  | 'timeout'
  | 'unauthorised'
  | 'forbidden'
  | 'not-found'
  /** The other side answered, and refused. */
  | 'rejected'
  /** It is not what `format` says. */
  | 'invalid'
  | 'no-media'
  /** Of a codec that can neither go through nor be decoded; `detail` names it. */
  | 'codec-unsupported'
  /** It led to another place than the one that was asked for. */
  | 'redirected'
  /** No frame came for `stallTimeoutMs`. */
  | 'stalled'
  /** The reading process could not start, or died. */
  | 'reader-died';

/** Why reading ended. Holds nothing of the URL. */
export interface MediaFailure {
  readonly kind: MediaFailureKind;
  readonly detail: string;
}

/** Media that is being read, until `done`. */
export interface OpenMedia {
  /** For requests without a URL: takes bytes of the media. @returns false: wait for `drained` */
  write(chunk: Uint8Array): boolean;
  drained(): Promise<void>;
  /** No more bytes come. What was written is still read. */
  endInput(): void;
  /** Frames stop coming; the source is held back as far as its protocol allows. */
  pause(): void;
  resume(): void;
  /** Ends it, with a word to the source where its protocol has one. Idempotent; settles when the process is gone. */
  close(): Promise<void>;
  /** Settles when nothing more comes, after the last frame; never rejects. Undefined: it was closed. */
  readonly done: Promise<MediaFailure | undefined>;
}

/**
 * Takes media apart, from core's public providers under {@link MEDIA_READER}: by libav, in a confined process of its own for each source,
 * so that what is wrong with foreign media costs that source alone.
 */
export interface MediaReader {
  open(request: MediaRequest, listener: MediaListener): Promise<OpenMedia>;
}

export const MEDIA_READER = Symbol.for('vedette.media-reader');
