import { avGetSampleFmtName, Codec, CodecContext, Frame, Packet, Rational, type Stream } from 'node-av/lib';
import {
  AV_CHANNEL_ORDER_NATIVE,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PKT_FLAG_DISCARD,
  AV_SAMPLE_FMT_FLTP,
  FF_ENCODER_AAC,
} from 'node-av/constants';
import type { EncodedFrame, PtsUs, PushedAudioTrack } from '../../plugin-api/index.js';
import { libavOk } from '../libav.js';
import { DecodedClock } from './decoded-clock.js';
import { FilterChain } from '../filter-chain.js';
import { asStored, rescaledUs } from './file-clock.js';
import { receivedFrames } from './received-frames.js';
import type { TrackReader } from './track-reader.js';

const RATE_HZ = 48_000;
const FRAME_SAMPLES = 1024;
const BITS_PER_SECOND = 128_000n;

export interface FileSoundOptions {
  readonly stream: Stream;
  readonly shiftUs: number;
}

/** Sound decoded and encoded as AAC in stereo. Where there is none between, there is silence. */
export class FileSound implements TrackReader<PushedAudioTrack> {
  readonly track: PushedAudioTrack;
  fromUs = Number.NEGATIVE_INFINITY;
  readonly missing = 0;
  private readonly decoder = new CodecContext();
  private readonly encoder = new CodecContext();
  private readonly sound = new Frame();
  private readonly out = new Packet();
  private readonly clock = new DecodedClock();
  private chain: FilterChain | undefined;
  private lastDtsUs: PtsUs | undefined;

  constructor(private readonly options: FileSoundOptions) {
    const { codecpar, timeBase } = options.stream;
    const codec = Codec.findDecoder(codecpar.codecId);
    this.decoder.allocContext3(codec);
    libavOk(this.decoder.parametersToContext(codecpar), 'setting up a decoder of sound');
    this.decoder.pktTimebase = timeBase;
    libavOk(this.decoder.open2Sync(codec, null), 'opening a decoder of sound');
    this.sound.alloc();
    this.out.alloc();
    const aac = Codec.findEncoderByName(FF_ENCODER_AAC);
    this.encoder.allocContext3(aac);
    this.encoder.sampleRate = RATE_HZ;
    this.encoder.sampleFormat = AV_SAMPLE_FMT_FLTP;
    this.encoder.channelLayout = { order: AV_CHANNEL_ORDER_NATIVE, nbChannels: 2, mask: 3n };
    this.encoder.timeBase = new Rational(1, RATE_HZ);
    this.encoder.bitRate = BITS_PER_SECOND;
    this.encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    libavOk(this.encoder.open2Sync(aac, null), 'opening an encoder of sound');
    this.track = { codec: 'aac', configuration: Uint8Array.from(this.encoder.extraData ?? []) };
  }

  take(packet: Packet): EncodedFrame[] {
    if (packet.hasFlags(AV_PKT_FLAG_DISCARD)) return [];
    this.decoder.sendPacketSync(packet);
    return this.decoded();
  }

  finish(): EncodedFrame[] {
    this.decoder.sendPacketSync(null);
    const frames = this.decoded();
    if (this.chain !== undefined) frames.push(...this.filteredFrames(this.chain, null));
    this.encoder.sendFrameSync(null);
    return [...frames, ...this.encoded()];
  }

  close(): void {
    this.chain?.close();
    this.sound.free();
    this.out.free();
    this.decoder.freeContext();
    this.encoder.freeContext();
  }

  private decoded(): EncodedFrame[] {
    const frames: EncodedFrame[] = [];
    for (const sound of receivedFrames(this.decoder, this.sound)) {
      sound.pts = this.clock.shownAt(sound);
      this.chain ??= this.openChain(sound);
      frames.push(...this.filteredFrames(this.chain, sound));
    }
    return frames;
  }

  private openChain(sound: Frame): FilterChain {
    const { num, den } = this.options.stream.timeBase;
    const layout = sound.channelLayout.mask === 0n ? `${sound.channels}c` : `0x${sound.channelLayout.mask.toString(16)}`;
    const format = avGetSampleFmtName(sound.format as never);
    const source = `time_base=${num}/${den}:sample_rate=${sound.sampleRate}:sample_fmt=${format}:channel_layout=${layout}`;
    return new FilterChain(
      ['abuffer', source],
      [
        ['aresample', `${RATE_HZ}:async=1`],
        ['aformat', `sample_fmts=fltp:sample_rates=${RATE_HZ}:channel_layouts=stereo`],
        ['asetnsamples', `n=${FRAME_SAMPLES}:p=1`],
      ],
    );
  }

  /** @param sound null: what is left */
  private filteredFrames(chain: FilterChain, sound: Frame | null): EncodedFrame[] {
    const frames: EncodedFrame[] = [];
    for (const filtered of chain.pass(sound)) {
      const us = rescaledUs(filtered.pts, chain.timeBase);
      filtered.pts = BigInt(Math.round((us * RATE_HZ) / 1_000_000));
      libavOk(this.encoder.sendFrameSync(filtered), 'encoding sound');
      frames.push(...this.encoded());
    }
    return frames;
  }

  private encoded(): EncodedFrame[] {
    const frames: EncodedFrame[] = [];
    while (this.encoder.receivePacketSync(this.out) >= 0) {
      const us = asStored(rescaledUs(this.out.pts, { num: 1, den: RATE_HZ }) + this.options.shiftUs);
      const data = this.out.data;
      if (data !== null && us >= this.fromUs && us >= 0 && us >= (this.lastDtsUs ?? us)) {
        this.lastDtsUs = us;
        frames.push({ track: 'audio', dtsUs: us, ptsUs: us, keyframe: true, data: Uint8Array.from(data) });
      }
      this.out.unref();
    }
    return frames;
  }
}
