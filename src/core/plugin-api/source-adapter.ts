import type { ZodType } from 'zod';
import type { EncodedFrame, FrameLoss, PushedAudioTrack, PushedVideoTrack } from './encoded-frame.js';
import type { Injections } from './injection.js';
import type { Logger } from './plugin-logger.js';
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
    };

export interface EpochHandle {
  readonly epochId: string;
  /**
   * For `flv` inputs: takes the chunk, as Node streams do, and answers whether more is welcome. False: the packager's buffer
   * is full (or the epoch has ended); wait for `drained`, or drop whole tags and report. A source that ignores this loses its
   * epoch: past a hard limit it ends with `VD_MEDIA_PACKAGER_OVERRUN`. Chunks need not end where FLV tags end.
   */
  write(chunk: Uint8Array): boolean;
  /**
   * For `frames` inputs: takes one frame of one of its tracks, in the order of their dts within a track. Answers as `write` does.
   * Every frame taken ends in a segment or is counted in a gap.
   */
  put(frame: EncodedFrame): boolean;
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
  /** Reports the stream's state; `detail` is a reason that a person can act on. That of `live` stands as long as the stream is. */
  report(state: SourceState, detail?: string): void;
  /**
   * Tells of frames of a publisher that left without one epoch opened: no keyframe, or no configuration, ever came. They are counted in a
   * gap at the end of the stream's last epoch; of a stream that never had one, they are in the log. Where this context has opened an epoch,
   * its last one is told instead ({@link EpochHandle.lost}).
   */
  lost(loss: FrameLoss): void;
}

/** Core's answer to a publisher with a valid stream key. */
export interface PublishGrant {
  readonly context: SourceContext;
}

/** Lets listeners (RTMP) authorise publishers; from core's public providers under {@link PUBLISH_GATE}. */
export interface PublishGate {
  /**
   * Looks a stream key up (hashed, constant time, rate-limited per remote address).
   * @returns the grant, or the coded reason of the refusal. Nothing is written before a key is found valid.
   */
  authorise(key: string, remote: string): Promise<PublishGrant | { readonly refused: string }>;
  /**
   * Writes into the audit trail that the listener refused a peer by itself, for example because its places are full. Core adds alike
   * refusals up, and records the refusals of {@link authorise} without being asked.
   * @param code of the refusal, from core's or the plugin's error table
   */
  refused(remote: string, code: string): void;
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

export interface SourceAdapterDefinition<Config = any> {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly kind: 'listener' | 'stream';
  /**
   * How media comes: `live` (absent), as it happens; `file`, as fast as it can be stored. What comes of files is analysed when nothing live
   * waits.
   */
  readonly pace?: 'live' | 'file';
  readonly config: ZodType<Config>;
  /**
   * For `listener`: where publishers send to, for banner and dashboard; their stream key comes after it.
   * @param hostName what to write for a listener on all addresses of this machine
   * @example publishUrl: ({ port }, hostName) => `rtmp://${hostName}:${port}/live`
   */
  publishUrl?(config: Config, hostName: string): string;
  readonly inject?: Injections;
  create(...injected: any[]): SourceAdapter<Config> | Promise<SourceAdapter<Config>>;
}

export function defineSource<Config>(definition: SourceAdapterDefinition<Config>): SourceAdapterDefinition<Config> {
  return definition;
}
