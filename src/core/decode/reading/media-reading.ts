import { avGetPixFmtName, Codec, type CodecParameters } from 'node-av/lib';
import {
  errorText,
  type MediaFacts,
  type MediaFailure,
  type MediaListener,
  type MediaRequest,
  type PushedAudioCodec,
  type PushedTrackKind,
  type PushedVideoCodec,
} from '../../plugin-api/index.js';
import { CopiedAudio, CopiedVideo, type Track, type TrackSink } from './copied-track.js';
import { EncodedAudio } from './encoded-audio.js';
import { EncodedVideo } from './encoded-video.js';
import { FrameDecoder } from './frame-decoder.js';
import { InputRefused, MediaInput } from './media-input.js';
import { isInterlaced, passingAudio, passingVideo } from './passing.js';

const DEFAULT_FRAMES_PER_SECOND = 25;
/** What cannot be an encoder's rate is a clock's. */
const MAX_FRAMES_PER_SECOND = 240;

export type ReadingOrder = Omit<MediaRequest, 'openTimeoutMs' | 'stallTimeoutMs'>;

/** Reads one source to its end: what can go through goes through, the rest is encoded. */
export class MediaReading {
  private tracks: Partial<Record<PushedTrackKind, Track>> = {};
  private isClosing = false;

  constructor(
    private readonly order: ReadingOrder,
    private readonly listener: MediaListener,
  ) {}

  /** Settles when nothing more comes; never rejects. Undefined: it was closed. */
  async run(): Promise<MediaFailure | undefined> {
    let input: MediaInput | undefined;
    try {
      input = await MediaInput.open(this.order, (text) => this.listener.notice(text));
      this.begin(input);
      return await this.read(input);
    } catch (error) {
      if (error instanceof InputRefused) return error.failure;
      return { kind: 'invalid', detail: errorText(error) };
    } finally {
      await input?.close();
    }
  }

  /** Ends it after the frame that is awaited. */
  close(): void {
    this.isClosing = true;
  }

  private async read(input: MediaInput): Promise<MediaFailure | undefined> {
    while (!this.isClosing) {
      const next = await input.next();
      if (next === undefined) continue;
      if ('kind' in next) {
        for (const track of Object.values(this.tracks)) track.finish();
        return this.isClosing ? undefined : next;
      }
      const track = this.tracks[next.track];
      if (next.extradata !== undefined) track?.configure(next.extradata);
      track?.take(next);
    }
    return undefined;
  }

  private begin({ video, audio, lookedMs }: MediaInput): void {
    const picture = video?.codecpar;
    const sound = this.order.audio === 'none' ? undefined : audio?.codecpar;
    const rate = video === undefined ? 0 : video.avgFrameRate.num / (video.avgFrameRate.den || 1);
    const framesPerSecond = rate > 0 && rate <= MAX_FRAMES_PER_SECOND ? rate : null;
    const passes = picture === undefined || this.order.video === 'encode' ? undefined : passingVideo(picture);
    const makeVideo = picture && this.videoTrack(picture, passes, framesPerSecond ?? DEFAULT_FRAMES_PER_SECOND);
    const makeAudio = sound && this.audioTrack(sound);
    if (makeVideo === undefined && makeAudio === undefined)
      throw new InputRefused({ kind: 'no-media', detail: 'there is neither a picture nor sound that can be read' });
    const facts: MediaFacts = {
      videoCodec: picture === undefined ? null : codecName(picture),
      audioCodec: makeAudio === undefined || sound === undefined ? null : codecName(sound),
      widthPx: picture?.width || null,
      heightPx: picture?.height || null,
      framesPerSecond,
      isEncoded: makeVideo !== undefined && passes === undefined,
      lookedMs,
    };
    this.listener.opened(facts);
    this.tracks = { ...(makeVideo && { video: makeVideo() }), ...(makeAudio && { audio: makeAudio() }) };
  }

  /** @throws InputRefused for pictures that cannot go through and are not to be, or cannot be, encoded */
  private videoTrack(picture: CodecParameters, passes: PushedVideoCodec | undefined, framesPerSecond: number): () => Track {
    const sink = this.sink<PushedVideoCodec>('video', (codec, configuration) => this.listener.video({ codec, configuration }));
    if (passes !== undefined) return () => new CopiedVideo(passes, picture, sink);
    const decoder = this.order.video === 'copy' ? undefined : FrameDecoder.of(picture);
    if (decoder === undefined)
      throw new InputRefused({ kind: 'codec-unsupported', detail: `its pictures are ${codecName(picture)}, ${traitsOf(picture)}` });
    return () => new EncodedVideo(decoder, picture, this.order.encoding, framesPerSecond, sink);
  }

  private audioTrack(sound: CodecParameters): (() => Track) | undefined {
    const sink = this.sink<PushedAudioCodec>('audio', (codec, configuration) => this.listener.audio({ codec, configuration }));
    const passes = passingAudio(sound);
    if (passes !== undefined) return () => new CopiedAudio(passes, sound, sink);
    const decoder = FrameDecoder.of(sound);
    if (decoder !== undefined) return () => new EncodedAudio(decoder, sink);
    this.listener.notice(`Its sound is ${codecName(sound)} and is not kept`);
    return undefined;
  }

  private sink<Codec>(track: PushedTrackKind, format: TrackSink<Codec>['format']): TrackSink<Codec> {
    const { listener } = this;
    return {
      format,
      frame: ({ dtsUs, ptsUs, keyframe, data }) => listener.frame({ track, dtsUs, ptsUs, keyframe, data }),
      lost: (reason) => listener.lost(reason, track),
    };
  }
}

const codecName = (parameters: CodecParameters): string => Codec.findDecoder(parameters.codecId)?.name ?? `of codec ${parameters.codecId}`;

const traitsOf = (picture: CodecParameters): string =>
  [isInterlaced(picture) ? 'interlaced' : 'progressive', `${picture.width}x${picture.height}`, avGetPixFmtName(picture.format as never)]
    .filter((trait) => trait !== null)
    .join(', ');
