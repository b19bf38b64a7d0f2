import { SoftwareResampleContext } from 'node-av/lib';
import { AV_CHANNEL_ORDER_UNSPEC, AV_SAMPLE_FMT_FLT } from 'node-av/constants';
import type { AudioSpec } from '../plugin-api/index.js';
import { libavOk } from './libav.js';

/** Rate and channels that samples come in. */
export interface AudioShape {
  readonly sampleRateHz: number;
  readonly channelCount: number;
}

/** What `spec` makes of sound that comes in `source`. */
export function shapeFor(spec: AudioSpec, source: AudioShape): AudioShape {
  return { sampleRateHz: spec.sampleRateHz ?? source.sampleRateHz, channelCount: spec.channels === 'mono' ? 1 : source.channelCount };
}

/**
 * Brings one uninterrupted stretch of sound into the shape asked for. `mono` is the mean of all channels; another rate is made
 * by libswresample with its defaults, which is what `ffmpeg -ar` does.
 */
export class AudioShaper {
  readonly shape: AudioShape;
  private readonly resampler: SoftwareResampleContext | null;
  private toSkip = 0;

  /** @param lead sound right before the stretch, so that its first samples are resampled knowing what came before them */
  constructor(
    spec: AudioSpec,
    private readonly source: AudioShape,
    lead?: Float32Array,
  ) {
    this.shape = shapeFor(spec, source);
    this.resampler = this.shape.sampleRateHz === source.sampleRateHz ? null : openResampler(source.sampleRateHz, this.shape);
    if (this.resampler !== null && lead !== undefined) this.prime(lead);
  }

  /** @param samples interleaved in the source's shape @returns interleaved in the shape asked for; may be the same array */
  push(samples: Float32Array): Float32Array {
    const mixed = this.mixed(samples);
    return this.resampler === null ? mixed : this.resampled(mixed);
  }

  /** What the resampler still holds, once the stretch is over. */
  finish(): Float32Array {
    return this.resampler === null ? new Float32Array(0) : this.resampled(null);
  }

  close(): void {
    this.resampler?.free();
  }

  /** Only as much of the lead as comes out as whole samples, so that the stretch begins on one. */
  private prime(lead: Float32Array): void {
    const { sampleRateHz, channelCount } = this.source;
    const divisor = greatestDivisor(sampleRateHz, this.shape.sampleRateHz);
    const [stepIn, stepOut] = [sampleRateHz / divisor, this.shape.sampleRateHz / divisor];
    const steps = Math.floor(lead.length / channelCount / stepIn);
    if (steps === 0) return;
    this.toSkip = steps * stepOut * this.shape.channelCount;
    // What comes out already is of the lead, and counts against what is to be skipped.
    this.push(lead.subarray(lead.length - steps * stepIn * channelCount));
  }

  private mixed(samples: Float32Array): Float32Array {
    const { channelCount } = this.source;
    if (this.shape.channelCount === channelCount) return samples;
    const mono = new Float32Array(samples.length / channelCount);
    for (let i = 0, at = 0; i < mono.length; i++) {
      let sum = 0;
      for (let channel = 0; channel < channelCount; channel++) sum += samples[at++]!;
      mono[i] = sum / channelCount;
    }
    return mono;
  }

  private resampled(samples: Float32Array | null): Float32Array {
    const resampler = this.resampler!;
    const { channelCount } = this.shape;
    const count = samples === null ? 0 : samples.length / channelCount;
    const room = resampler.getOutSamples(count) + 64;
    const out = new Float32Array(room * channelCount);
    const made = resampler.convertSync([bytesOf(out)], room, samples === null ? null : [bytesOf(samples)], count);
    libavOk(made, 'resampling sound');
    const skipped = Math.min(this.toSkip, made * channelCount);
    this.toSkip -= skipped;
    return out.subarray(skipped, made * channelCount);
  }
}

function openResampler(fromHz: number, { sampleRateHz, channelCount }: AudioShape): SoftwareResampleContext {
  // Channels are the same on both sides: the resampler need not know which they are.
  const layout = { nbChannels: channelCount, order: AV_CHANNEL_ORDER_UNSPEC, mask: 0n };
  const resampler = new SoftwareResampleContext();
  libavOk(resampler.allocSetOpts2(layout, AV_SAMPLE_FMT_FLT, sampleRateHz, layout, AV_SAMPLE_FMT_FLT, fromHz), 'setting up the resampler');
  libavOk(resampler.init(), 'opening the resampler');
  return resampler;
}

const bytesOf = (samples: Float32Array): Buffer => Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
