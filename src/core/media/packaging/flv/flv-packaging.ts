import { mediaError } from '../../../errors/media.errors.js';
import type { EncodedFrame, FrameLoss, PushedAudioTrack, PushedVideoTrack } from '../../../plugin-api/index.js';
import type { PackagerExit, PackagerRequest, Packaging } from '../packager.js';
import type { MuxedTracks } from '../segment-muxer.js';
import { LossAccount } from '../native/loss-account.js';
import { type FlvContent, FlvFrames } from './flv-frames.js';
import { FlvTags } from './flv-tags.js';

/** How long a track that the header announces is waited for, in media time. */
const TRACK_WAIT_US = 1_000_000;
const TRACK_WAIT_BYTES = 4 * 1024 ** 2;

/** Packages FLV: waits until its tracks are known, then puts its frames into a packaging of frames. */
export class FlvPackaging implements Packaging {
  readonly handsOver = true;
  readonly pid = undefined;
  readonly done: Promise<PackagerExit>;
  readonly flowing: Promise<void>;
  private readonly exit = Promise.withResolvers<PackagerExit>();
  private readonly flow = Promise.withResolvers<void>();
  private readonly tags = new FlvTags();
  private readonly frames = new FlvFrames();
  private video: PushedVideoTrack | undefined;
  private audio: PushedAudioTrack | undefined;
  private held: EncodedFrame[] = [];
  private heldBytes = 0;
  /** What was lost before there was a packaging to tell. */
  private readonly early: FrameLoss[] = [];
  private inner: Packaging | undefined;
  private ending: Promise<void> | undefined;

  constructor(
    private readonly start: (tracks: MuxedTracks) => Packaging,
    private readonly tellLost: NonNullable<PackagerRequest['lost']>,
  ) {
    this.done = this.exit.promise;
    this.flowing = this.flow.promise;
  }

  write(chunk: Uint8Array): boolean {
    if (this.ending !== undefined) return false;
    let hasRoom = true;
    try {
      for (const tag of this.tags.push(chunk)) for (const content of this.frames.read(tag)) hasRoom = this.take(content);
    } catch (error) {
      void this.fail(error as Error);
      return false;
    }
    return hasRoom;
  }

  /** Takes FLV only. */
  put(): boolean {
    return false;
  }

  lost(loss: FrameLoss): void {
    if (this.inner === undefined) this.early.push(loss);
    else this.inner.lost(loss);
  }

  async drained(): Promise<void> {
    await this.inner?.drained();
  }

  end(): Promise<void> {
    this.ending ??= this.endOnce({ reason: 'ended' });
    return this.ending;
  }

  private async fail(error: Error): Promise<void> {
    this.ending ??= this.endOnce({ reason: 'packager-failed', error });
    await this.ending;
  }

  private async endOnce(exit: PackagerExit): Promise<void> {
    if (this.inner === undefined && this.hasTracks) this.begin();
    if (this.inner === undefined) this.tellEarly();
    await this.inner?.end();
    this.exit.resolve(exit);
  }

  /** Nothing was ever packaged. */
  private tellEarly(): void {
    const account = new LossAccount(this.tellLost);
    for (const loss of this.early) account.add(-1, loss);
    for (const frame of this.held) account.frame(-1, 'codec-unsupported', frame);
    account.flush(-1);
  }

  private get hasTracks(): boolean {
    return this.video !== undefined || this.audio !== undefined;
  }

  private take(content: FlvContent): boolean {
    switch (content.kind) {
      case 'video-track':
        this.video = sameTrack(this.video, content.track, this.inner !== undefined);
        return true;
      case 'audio-track':
        this.audio = sameTrack(this.audio, content.track, this.inner !== undefined);
        return true;
      case 'unsupported':
        return this.drop(content.track);
      case 'frame':
        return this.frame(content.frame);
    }
  }

  private frame(frame: EncodedFrame): boolean {
    if (this.inner !== undefined) return this.inner.put(frame);
    this.held.push(frame);
    this.heldBytes += frame.data.length;
    if (!this.isReady(frame)) return true;
    if (!this.hasTracks) throw mediaError('VD_MEDIA_INPUT_REFUSED', 'the FLV has no track that can be kept');
    return this.begin();
  }

  /** A header of a live FLV promises tracks that may never come. */
  private isReady({ dtsUs }: EncodedFrame): boolean {
    const { video, audio } = this.tags.announced ?? { video: true, audio: true };
    if ((!video || this.video !== undefined) && (!audio || this.audio !== undefined)) return true;
    return dtsUs - this.held[0]!.dtsUs >= TRACK_WAIT_US || this.heldBytes >= TRACK_WAIT_BYTES;
  }

  private begin(): boolean {
    const { video, audio, held } = this;
    const inner = this.start({ ...(video && { video }), ...(audio && { audio }) });
    this.inner = inner;
    this.held = [];
    void inner.flowing.then(this.flow.resolve);
    void inner.done.then(({ error }) => error && this.fail(error));
    for (const loss of this.early.splice(0)) inner.lost(loss);
    return held.map((frame) => inner.put(frame)).at(-1) ?? true;
  }

  private drop(track: EncodedFrame['track']): boolean {
    const isVideo = track === 'video';
    this.lost({ reason: 'codec-unsupported', videoFrames: isVideo ? 1 : 0, audioFrames: isVideo ? 0 : 1 });
    return true;
  }
}

function sameTrack<Track extends PushedVideoTrack | PushedAudioTrack>(known: Track | undefined, track: Track, hasBegun: boolean): Track {
  if (!hasBegun) return track;
  const isSame = known?.codec === track.codec && Buffer.compare(known.configuration, track.configuration) === 0;
  if (!isSame) throw mediaError('VD_MEDIA_INPUT_REFUSED', 'the format changed: what comes after it belongs into another epoch');
  return track;
}
