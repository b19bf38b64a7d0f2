import type { CodecParameters } from 'node-av/lib';
import type { FrameLossReason, PushedAudioCodec, PushedVideoCodec } from '../../plugin-api/index.js';
import { beginsWithStartCode } from '../codec/nal.js';
import { adtsFrame } from './adts-stream.js';
import { NalStream } from './nal-stream.js';

/** A coded frame as libav has it. */
export interface TimedBytes {
  readonly dtsUs: number;
  readonly ptsUs: number;
  readonly keyframe: boolean;
  readonly data: Buffer;
}

/** What comes out of a track: formats, and frames of them. */
export interface TrackSink<Codec> {
  format(codec: Codec, configuration: Uint8Array): void;
  frame(frame: TimedBytes): void;
  lost(reason: FrameLossReason): void;
}

/** One track, frame by frame. */
export interface Track {
  take(frame: TimedBytes): void;
  /** The decoder's configuration is another one from now on. */
  configure(extradata: Buffer): void;
  /** Gives what is still under way. */
  finish(): void;
}

/** Pictures that go through as they are. */
export class CopiedVideo implements Track {
  private nals: NalStream | undefined;
  private hasFormat = false;

  constructor(
    private readonly codec: PushedVideoCodec,
    parameters: Pick<CodecParameters, 'extradata'>,
    private readonly sink: TrackSink<PushedVideoCodec>,
  ) {
    const { extradata } = parameters;
    if (extradata === null || extradata.length === 0) this.nals = this.nalStream();
    else this.configure(extradata);
  }

  configure(extradata: Buffer): void {
    if (beginsWithStartCode(extradata)) {
      this.nals ??= this.nalStream();
      this.nals?.announce(extradata);
    } else {
      this.nals = undefined;
      this.format(extradata);
    }
  }

  take(frame: TimedBytes): void {
    const data = this.nals === undefined ? frame.data : this.nals.take(frame.data);
    const news = this.nals?.news();
    if (news !== undefined) this.format(news);
    // Parameter sets that came by themselves are no frame.
    if (data.length === 0) return;
    if (this.hasFormat) this.sink.frame({ ...frame, data });
    else this.sink.lost('no-configuration');
  }

  finish(): void {
    // Each frame went through when it came.
  }

  private nalStream(): NalStream | undefined {
    return this.codec === 'h264' || this.codec === 'hevc' ? new NalStream(this.codec) : undefined;
  }

  private format(configuration: Buffer): void {
    this.hasFormat = true;
    this.sink.format(this.codec, Buffer.from(configuration));
  }
}

const NO_CONFIGURATION = Buffer.alloc(0);

/** Sound that goes through as it is. */
export class CopiedAudio implements Track {
  private configuration: Buffer | undefined;

  constructor(
    private readonly codec: PushedAudioCodec,
    parameters: Pick<CodecParameters, 'extradata'>,
    private readonly sink: TrackSink<PushedAudioCodec>,
  ) {
    if (codec === 'mp3') this.configure(NO_CONFIGURATION);
    else if (parameters.extradata !== null && parameters.extradata.length >= 2) this.configure(parameters.extradata);
  }

  configure(extradata: Buffer): void {
    if (this.configuration?.equals(extradata) === true) return;
    this.configuration = Buffer.from(extradata);
    this.sink.format(this.codec, this.configuration);
  }

  take(frame: TimedBytes): void {
    const adts = this.codec === 'aac' ? adtsFrame(frame.data) : undefined;
    if (adts !== undefined) this.configure(adts.configuration);
    if (this.configuration === undefined) this.sink.lost('no-configuration');
    else this.sink.frame({ ...frame, data: adts?.data ?? frame.data });
  }

  finish(): void {
    // Each frame went through when it came.
  }
}
