import {
  EpochSequence,
  FlowGate,
  type EncodedFrame,
  type FrameLossReason,
  type MediaFacts,
  type MediaListener,
  type OpenMedia,
  type PushedAudioTrack,
  type PushedTrackKind,
  type RunningSource,
  type SourceContext,
  type VideoFormat,
} from 'vedette/plugin';
import { failureError } from './failure-error.js';

export interface PullRunOptions {
  readonly context: SourceContext;
  /** Host and port of the source, as people are told of it. */
  readonly where: string;
  readonly isSrt: boolean;
  readonly wallClockMs: () => number;
}

type Outcome = Awaited<RunningSource['done']>;

/** One source from its first frame to its last: what the reader says becomes epochs. */
export class PullRun implements RunningSource, MediaListener {
  readonly done: Promise<Outcome>;
  private readonly outcome = Promise.withResolvers<Outcome>();
  private readonly sequence: EpochSequence;
  private readonly flow: FlowGate;
  private readonly stopping = new AbortController();
  private media: OpenMedia | undefined;
  private ending: Promise<void> | undefined;
  /** How long ago the first frame came that is not given yet. */
  private heldMs = 0;

  constructor(private readonly options: PullRunOptions) {
    const { context, where, wallClockMs } = options;
    this.done = this.outcome.promise;
    this.flow = new FlowGate({ pause: () => this.media?.pause(), resume: () => this.media?.resume() });
    this.sequence = new EpochSequence({
      ...{ context, remote: where, flow: this.flow },
      wallClockMs: () => {
        const heldMs = this.heldMs;
        this.heldMs = 0;
        return wallClockMs() - heldMs;
      },
      streamFree: Promise.resolve(),
      awaitingKeyframe: () => undefined,
      lost: (reason, error) => void this.finish(reason, error),
    });
  }

  /** Aborted when it ends: what fetches for it ends with it. */
  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  /** Follows the media, and what gives it its bytes, to their end. */
  follow(media: OpenMedia, fed: Promise<void>): void {
    this.media = media;
    if (this.ending !== undefined) void media.close();
    else if (this.flow.held) media.pause();
    // What a feed fails for says more than the end of its bytes does.
    let fault: unknown;
    const isFed = fed.catch((error: unknown) => (fault = error));
    void isFed.then(() => media.endInput());
    void media.done.then((failure) => {
      const error = failure === undefined ? undefined : (fault ?? failureError(failure, this.options.where, this.options.isSrt));
      return this.finish('source-ended', error);
    });
  }

  stop(reason: string): Promise<void> {
    return this.finish(reason);
  }

  opened(facts: MediaFacts): void {
    const { videoCodec, audioCodec, widthPx, heightPx, framesPerSecond, isEncoded, lookedMs } = facts;
    this.heldMs = lookedMs;
    const { context, where } = this.options;
    context.logger.info('Source opened', { streamId: context.streamId, where, ...facts });
    this.sequence.announced = {
      hasVideo: videoCodec !== null,
      hasAudio: audioCodec !== null,
      ...(widthPx !== null && { widthPx }),
      ...(heightPx !== null && { heightPx }),
      ...(framesPerSecond !== null && { framesPerSecond }),
    };
    if (isEncoded) this.sequence.notice(`Its pictures are ${videoCodec} and are encoded anew to H.264`);
  }

  video(format: VideoFormat): void {
    this.sequence.videoFormat(format);
  }

  audio(format: PushedAudioTrack): void {
    this.sequence.audioFormat(format);
  }

  frame({ track, dtsUs, ptsUs, keyframe, data }: EncodedFrame): void {
    if (this.sequence.closed) return;
    const timestamp32 = Math.floor(dtsUs / 1000);
    const laterUs = dtsUs - timestamp32 * 1000;
    this.sequence.take({ track, timestamp32, laterUs, compositionUs: ptsUs - dtsUs, keyframe, data: data as Buffer });
  }

  lost(reason: FrameLossReason, track: PushedTrackKind): void {
    this.sequence.lose(reason, track, 0);
  }

  notice(text: string): void {
    this.sequence.notice(text);
  }

  private finish(reason: string, error?: unknown): Promise<void> {
    this.ending ??= this.finishOnce(reason, error);
    return this.ending;
  }

  private async finishOnce(reason: string, error: unknown): Promise<void> {
    this.stopping.abort();
    await Promise.all([this.media?.close(), this.sequence.end(reason)]);
    this.outcome.resolve(error === undefined ? { reason } : { reason, error: error instanceof Error ? error : new Error(String(error)) });
  }
}
