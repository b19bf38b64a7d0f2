import { avGetSampleFmtName, Codec, CodecContext, Packet, Rational, type Frame as AvFrame } from 'node-av/lib';
import {
  AV_CHANNEL_LAYOUT_MONO,
  AV_CHANNEL_LAYOUT_STEREO,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_NOPTS_VALUE,
  AV_SAMPLE_FMT_FLTP,
  FF_ENCODER_AAC,
} from 'node-av/constants';
import type { PushedAudioCodec } from '../../plugin-api/index.js';
import { libavOk } from '../libav.js';
import type { TimedBytes, Track, TrackSink } from './copied-track.js';
import { FilterChain } from '../filter-chain.js';
import type { FrameDecoder } from './frame-decoder.js';

const SAMPLES_PER_FRAME = 1024;
const RATES_HZ = [16_000, 22_050, 24_000, 32_000, 44_100, 48_000];
const BITRATE_PER_CHANNEL = 64_000n;
/** Further from where it would be than any jitter: it begins anew there. */
const MAX_OFF_US = 200_000;

interface Encoder {
  readonly context: CodecContext;
  readonly chain: FilterChain;
  readonly shape: string;
  readonly rateHz: number;
}

/** Sound that is decoded, brought to at most two channels, and encoded to AAC. */
export class EncodedAudio implements Track {
  private readonly packet = new Packet();
  private encoder: Encoder | undefined;
  /** Where the next sample would be. */
  private nextUs = 0;
  private configuration = '';

  constructor(
    private readonly decoder: FrameDecoder,
    private readonly sink: TrackSink<PushedAudioCodec>,
  ) {
    this.packet.alloc();
  }

  configure(): void {
    // The decoder has what it needs from the beginning.
  }

  take(coded: TimedBytes): void {
    if (!this.decoder.send(coded)) this.sink.lost('damaged');
    for (const sound of this.decoder.received()) this.encode(sound);
  }

  finish(): void {
    this.decoder.send(null);
    for (const sound of this.decoder.received()) this.encode(sound);
    this.end();
  }

  private encode(sound: AvFrame): void {
    const stamp = sound.pts === AV_NOPTS_VALUE ? BigInt(Math.round(this.nextUs)) : sound.pts;
    const shape = `${sound.sampleRate} ${sound.channels} ${sound.format}`;
    if (this.encoder?.shape !== shape || Math.abs(Number(stamp) - this.nextUs) > MAX_OFF_US) {
      this.end();
      this.encoder = this.open(sound, shape);
    }
    this.nextUs = Number(stamp) + (sound.nbSamples * 1e6) / sound.sampleRate;
    sound.pts = stamp;
    for (const shaped of this.encoder!.chain.pass(sound)) this.drain(this.encoder!, shaped);
  }

  private end(): void {
    const { encoder } = this;
    if (encoder === undefined) return;
    for (const shaped of encoder.chain.pass(null)) this.drain(encoder, shaped);
    this.drain(encoder, null);
    encoder.context.freeContext();
    encoder.chain.close();
    this.encoder = undefined;
  }

  private open({ sampleRate, channels, format, channelLayout }: AvFrame, shape: string): Encoder {
    const rateHz = RATES_HZ.find((rate) => rate >= sampleRate) ?? 48_000;
    const isMono = channels === 1;
    const layout = channelLayout.mask === 0n ? `${channels}c` : `0x${channelLayout.mask.toString(16)}`;
    const samples = `sample_rate=${sampleRate}:sample_fmt=${avGetSampleFmtName(format as never)}:channel_layout=${layout}`;
    const chain = new FilterChain(
      ['abuffer', `time_base=1/1000000:${samples}`],
      [
        ['aformat', `sample_fmts=fltp:sample_rates=${rateHz}:channel_layouts=${isMono ? 'mono' : 'stereo'}`],
        ['asetnsamples', `n=${SAMPLES_PER_FRAME}:p=1`],
      ],
    );
    const codec = Codec.findEncoderByName(FF_ENCODER_AAC);
    const context = new CodecContext();
    context.allocContext3(codec);
    context.sampleRate = rateHz;
    context.sampleFormat = AV_SAMPLE_FMT_FLTP;
    context.channelLayout = isMono ? AV_CHANNEL_LAYOUT_MONO : AV_CHANNEL_LAYOUT_STEREO;
    context.timeBase = new Rational(1, rateHz);
    context.bitRate = BITRATE_PER_CHANNEL * (isMono ? 1n : 2n);
    context.threadCount = 1;
    context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    libavOk(context.open2Sync(codec, null), 'opening the encoder of AAC');
    this.tell(context.extraData);
    return { context, chain, shape, rateHz };
  }

  private tell(configuration: Buffer | null): void {
    const written = configuration?.toString('hex') ?? '';
    if (written === '' || written === this.configuration) return;
    this.configuration = written;
    this.sink.format('aac', Buffer.from(written, 'hex'));
  }

  private drain({ context, chain, rateHz }: Encoder, sound: AvFrame | null): void {
    if (sound !== null) {
      const { num, den } = chain.timeBase;
      sound.pts = (sound.pts * BigInt(num) * BigInt(rateHz)) / BigInt(den);
    }
    context.sendFrameSync(sound);
    while (context.receivePacketSync(this.packet) >= 0) {
      const { data, pts } = this.packet;
      const ptsUs = Math.round((Number(pts) * 1e6) / rateHz);
      this.sink.frame({ dtsUs: ptsUs, ptsUs, keyframe: true, data: Buffer.from(data!) });
      this.packet.unref();
    }
  }
}
