import type { ZodType } from 'zod';
import type { EncodedFrame, FrameLoss, PushedAudioTrack, PushedVideoTrack } from './encoded-frame.js';
import type { Injections } from './injection.js';
import type { Logger } from './plugin-logger.js';
import type { SegmentAnswer, SegmentOffer, TakenFiles } from './segment-offer.js';
import type { PtsUs } from './time.js';

export type SourceState = 'pending' | 'starting' | 'live' | 'retrying' | 'failed' | 'stopped';

/** One uninterrupted publish of one codec configuration, as the adapter sees it begin. */
export interface EpochOpening {
  /** Wall clock of the epoch's first media, ms since 1970. A map from pts to clock, not a capture time. */
  readonly startedAtMs: number;
  /** Where the packager takes its input from: FLV tags pushed by the adapter, or an ffmpeg input it opens itself. */
  readonly input: PackagerInput;
  readonly remote?: string;
  /**
   * The media was recorded earlier and can be read again: the epoch begins at its own date, beside others of the stream, and may be left
   * open ({@link EpochHandle.leave}) and gone on with. `epochId` is one that was left; undefined: it begins.
   */
  readonly recorded?: { readonly epochId: string | undefined };
}

export type PackagerInput =
  /** Bytes of an FLV file, header first, written by the adapter (`EpochHandle.write`). */
  | { readonly kind: 'flv' }
  /** Frames as their encoder made them, put by the adapter (`EpochHandle.put`): at least one track. */
  | { readonly kind: 'frames'; readonly video?: PushedVideoTrack; readonly audio?: PushedAudioTrack }
  /** Segments that exist as files, of one container, offered by the adapter one after the other (`EpochHandle.take`). */
  | { readonly kind: 'segments'; readonly container: 'mpegts' | 'fmp4' }
  /** An ffmpeg input. `url` is never built from a user's string without validation; the format is forced. */
  | {
      readonly kind: 'ffmpeg';
      readonly format: string;
      readonly url: string;
      readonly inputOptions?: readonly string[];
      readonly protocols: readonly string[];
      /** `copy`, or encode to H.264 (devices give raw pictures). */
      readonly video: 'copy' | { readonly encode: 'h264'; readonly bitrateKbps: number; readonly gopSeconds: number };
      readonly audio: 'copy' | 'none' | { readonly encode: 'aac'; readonly bitrateKbps: number };
    }
  /** Bytes of a container, from its beginning, written by the adapter (`EpochHandle.write`). ffmpeg reads them, and opens nothing else. */
  | {
      readonly kind: 'container';
      readonly format: 'matroska' | 'mp4';
      readonly video: 'copy' | { readonly encode: 'h264'; readonly bitrateKbps: number; readonly gopSeconds: number };
      readonly audio: 'copy' | 'none' | { readonly encode: 'aac'; readonly bitrateKbps: number };
    };

export interface EpochHandle {
  readonly epochId: string;
  /**
   * For `flv` and `container` inputs: takes the chunk, as Node streams do, and answers whether more is welcome. False: the packager's
   * buffer is full (or the epoch has ended); wait for `drained`, or drop whole tags and report. A source that ignores this loses its
   * epoch: past a hard limit it ends with `VD_MEDIA_PACKAGER_OVERRUN`. Chunks need not end where tags or parts of a container do.
   */
  write(chunk: Uint8Array): boolean;
  /**
   * For `frames` inputs: takes one frame of one of its tracks, in the order of their dts within a track. Answers as `write` does.
   * Every frame taken ends in a segment or is counted in a gap.
   */
  put(frame: EncodedFrame): boolean;
  /**
   * For `segments` inputs: stores a segment as it is, and answers what became of it. Once it is `taken`, neither its writer nor the death
   * of this process can lose it or have it taken twice.
   * @throws what the media disk answers, such as `ENOSPC`: it is not taken then, and can be offered again
   */
  take(offer: SegmentOffer): Promise<SegmentAnswer>;
  /**
   * Tells of frames that the adapter could not place in this epoch: they are counted in a gap. Those that came before the epoch's first
   * keyframe are told of at once after it was opened, and have no place in its media time (no `fromPtsUs`); those that come when it has
   * ended and that no other epoch follows are told of after `end`, and stand in a gap at its end. Losses of one reason that follow each
   * other may be added up.
   */
  lost(loss: FrameLoss): void;
  /** Settles when there is room again, or the epoch has ended. */
  drained(): Promise<void>;
  /** Ends the epoch: the tail segment is closed, registered and analysed. Idempotent. */
  end(reason: string): Promise<void>;
  /** Of a recorded epoch that goes on: what comes before has been stored. Undefined: it begins with its first frame. */
  readonly goesOnAtUs?: PtsUs;
  /** Recorded epochs have it: lets go of them after their last complete segment, open. Core does so itself when it stops the source. */
  leave?(): Promise<void>;
  /** Settles when the packager has stopped, whatever the reason. */
  readonly done: Promise<{ readonly reason: string; readonly error?: Error }>;
}

/** What core gives an adapter for one stream. */
export interface SourceContext {
  readonly streamId: string;
  readonly streamName: string;
  readonly logger: Logger;
  /** `packaging.silenceTimeout`: how long a publisher may send no media. For adapters that have no limit of their own. */
  readonly silenceTimeoutMs: number;
  /**
   * Starts a new epoch; core makes the folder, the ledger row and the packager. Where the stream's epoch before reaches further than
   * `startedAtMs` on the wall clock, as one does that was sent faster than real time, the new one begins where that one ends.
   */
  openEpoch(opening: EpochOpening): Promise<EpochHandle>;
  /** For `segments` inputs: what earlier runs took of this stream's files. */
  takenFiles(): Promise<TakenFiles>;
  /** Reports the stream's state; `detail` is a reason that a person can act on. That of `live` stands as long as the stream is. */
  report(state: SourceState, detail?: string): void;
  /**
   * Tells of frames of a publisher that left without one epoch opened: no keyframe, or no configuration, ever came. They are counted in a
   * gap at the end of the stream's last epoch; of a stream that never had one, they are in the log. Where this context has opened an epoch,
   * its last one is told instead ({@link EpochHandle.lost}).
   */
  lost(loss: FrameLoss): void;
}

/** What a listener knows of a publisher besides its stream key. */
export interface PublishAttempt {
  /** The application that the publisher asked for, as it wrote it. */
  readonly app?: string | undefined;
  /**
   * What the listener's config says of a stream that is published to already, where the stream itself says nothing: the newcomer takes it
   * over, or (the default) is refused.
   */
  readonly takeover?: boolean | undefined;
}

/** What the operator is told of a refusal of the listener's own. */
export interface RefusedAttempt {
  readonly app?: string | undefined;
  /** Why, for a person; nothing that the publisher sent. */
  readonly reason?: string | undefined;
  /** What to do about it. */
  readonly fix?: string | undefined;
}

/**
 * Core's answer to a publisher with a valid stream key. The publisher has the stream until its context reports `retrying`, `failed` or
 * `stopped`, or until all epochs that it opened have ended: a listener reports when a publisher leaves, also one that left before it
 * opened an epoch. Where the grant is of a stream that another publisher of the listener has, that one is to be closed.
 */
export interface PublishGrant {
  readonly context: SourceContext;
}

/** Lets listeners (RTMP) authorise publishers; from core's public providers under {@link PUBLISH_GATE}. */
export interface PublishGate {
  /**
   * Looks a stream key up (hashed, constant time, rate-limited per remote address).
   * @returns the grant, or the coded reason of the refusal, for the operator: a publisher without a valid key is not to be told whether
   * there ever was such a key. Nothing is written of a stream before a key is found valid.
   */
  authorise(key: string, remote: string, attempt?: PublishAttempt): Promise<PublishGrant | { readonly refused: string }>;
  /**
   * Tells the operator, and the audit trail, that the listener refused a peer by itself, for example because its places are full. Core
   * adds alike refusals up, and records the refusals of {@link authorise} without being asked.
   * @param code of the refusal, from core's or the plugin's error table
   */
  refused(remote: string, code: string, about?: RefusedAttempt): void;
}

export const PUBLISH_GATE = Symbol.for('vedette.publish-gate');

/** A running source: `stop` must settle within 5 s; core kills what does not. */
export interface RunningSource {
  stop(reason: string): Promise<void>;
  /** Settles when the source ends without a call of `stop`; core then restarts it with back-off. */
  readonly done: Promise<{ readonly reason: string; readonly error?: Error }>;
}

/**
 * **Extension point: source adapter.** Brings media in. Two shapes:
 * - `listener`: opens one server for many streams (RTMP); started once per ingest role.
 * - `stream`: opens one configured source (webcam, file, URL); core starts and supervises one per stream.
 * The adapter runs, core supervises: back-off, time-outs and states are core's.
 */
export interface SourceAdapter<Config = any> {
  /** Checks before the start whether the config can work on this machine; throws a coded error with the fix if not. */
  probe?(config: Config, signal: AbortSignal): Promise<void>;
  /** For `listener`: the context is absent and streams come through {@link PublishGate}. */
  open(config: Config, context: SourceContext | undefined, signal: AbortSignal): Promise<RunningSource>;
}

/** One way in which a device gives its pictures. What the system does not tell is absent. */
export interface SourceDeviceMode {
  readonly widthPx: number;
  readonly heightPx: number;
  /** As the system names it: `mjpeg`, `yuyv422`, `nv12`. */
  readonly pixelFormat?: string;
  readonly minFramesPerSecond?: number;
  readonly maxFramesPerSecond?: number;
}

/** Something that a `stream` adapter can open, as it would be named in its config. */
export interface SourceDevice {
  /** The same after a restart, and when devices are plugged in in another order. */
  readonly id: string;
  /** For people. */
  readonly title: string;
  /** By which config may name it as well, and that may belong to another device after a restart. */
  readonly aliases: readonly string[];
  /** Empty where they cannot be told, for the reason that `problem` gives. */
  readonly modes: readonly SourceDeviceMode[];
  readonly problem?: string;
}

/** What core lends an adapter to look for devices with. */
export interface DeviceTools {
  readonly platform: NodeJS.Platform;
  /**
   * Runs ffmpeg for what it says of devices, and gives that: its error output, which is where it says so. It always fails on the way.
   * @throws VD_MEDIA_FFMPEG_MISSING
   */
  askFfmpeg(args: readonly string[], signal: AbortSignal): Promise<string>;
}

/** Nest token of {@link DeviceTools}, in ingest roles. */
export const DEVICE_TOOLS = Symbol.for('vedette.device-tools');

/** What pages may send, for them to choose by. */
export interface PagePublishing {
  /** Types of `MediaRecorder`, the best first: a page takes the first one that its browser supports. */
  readonly mimeTypes: readonly PageMimeType[];
}

export interface PageMimeType {
  readonly mimeType: string;
  /** Whether pictures are kept as they come; else they are encoded anew here. */
  readonly isCopied: boolean;
}

export interface SourceAdapterDefinition<Config = any> {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly kind: 'listener' | 'stream';
  /**
   * `file`: what comes is past, and comes as fast as it can be read. It is analysed when nothing live is waiting, and nothing of it is too
   * late. Default `live`.
   */
  readonly pace?: 'live' | 'file';
  readonly config: ZodType<Config>;
  /**
   * For `listener`: where publishers send to, for banner and dashboard; their stream key comes after it. Several where there are several
   * ways in, the one to try first first.
   * @param hostName what to write for a listener on all addresses of this machine
   * @example publishUrl: ({ port }, hostName) => `rtmp://${hostName}:${port}/live`
   */
  publishUrl?(config: Config, hostName: string): string | readonly string[];
  /** For `listener`: that it takes media from web pages, which the API role lets through to it; see `PageGate`. */
  readonly pages?: PagePublishing;
  /** What of this machine the adapter can open. Absent: it cannot say. */
  devices?(tools: DeviceTools, signal: AbortSignal): Promise<readonly SourceDevice[]>;
  readonly inject?: Injections;
  create(...injected: any[]): SourceAdapter<Config> | Promise<SourceAdapter<Config>>;
}

export function defineSource<Config>(definition: SourceAdapterDefinition<Config>): SourceAdapterDefinition<Config> {
  return definition;
}
