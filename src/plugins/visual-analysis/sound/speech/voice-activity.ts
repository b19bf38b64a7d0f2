import type { AudioBlock, JsonObject, Model, PtsUs } from 'vedette/plugin';
import { base64OfFloats, floatsOf } from '../../checkpoint-fields.js';

/** The rate at which the model hears. */
export const VOICE_SAMPLE_RATE_HZ = 16_000;
/** Samples that it judges at once, and how many of those before it hears again. */
export const WINDOW_SAMPLES = 512;
const CONTEXT_SAMPLES = 64;
/** Two layers, one stream, 128 cells. */
const STATE_DIMS = [2, 1, 128] as const;
const STATE_SIZE = 256;
const US_PER_SAMPLE = 1e6 / VOICE_SAMPLE_RATE_HZ;

/** 32 ms of sound, judged. */
export interface VoiceWindow {
  readonly startUs: PtsUs;
  /** Where the next window begins. */
  readonly endUs: PtsUs;
  /** That somebody speaks, 0..1. */
  readonly probability: number;
}

/** One stream's way through Silero VAD (versions 5 and 6), which hands what it remembers from window to window in a state. */
export class VoiceActivity {
  private state: Float32Array = new Float32Array(STATE_SIZE);
  /** The context, then the window that is being filled. */
  private readonly heard = new Float32Array(CONTEXT_SAMPLES + WINDOW_SAMPLES);
  private filled = 0;
  private startUs: PtsUs = 0;

  /** @param memory of another one, to go on from */
  constructor(memory?: JsonObject) {
    if (memory === undefined) return;
    this.state = floatsOf(memory['state']);
    const heard = floatsOf(memory['heard']);
    this.heard.set(heard);
    this.filled = heard.length - CONTEXT_SAMPLES;
    this.startUs = memory['startUs'] as number;
  }

  /**
   * Hears mono sound at {@link VOICE_SAMPLE_RATE_HZ} that follows the sound before without a break; `done` gets each window that it
   * completes.
   * @throws VD_MODEL_RUN_FAILED
   */
  async push({ ptsUs, sampleCount, data }: AudioBlock, model: Model, done: (window: VoiceWindow) => void): Promise<void> {
    for (let from = 0; from < sampleCount;) {
      const count = Math.min(sampleCount - from, WINDOW_SAMPLES - this.filled);
      if (this.filled === 0) this.startUs = ptsUs + from * US_PER_SAMPLE;
      const at = CONTEXT_SAMPLES + this.filled;
      // What is no number, or makes the model overflow, would stay in its state for good.
      for (let i = 0; i < count; i++) this.heard[at + i] = Math.max(-1, Math.min(1, data[from + i]! || 0));
      this.filled += count;
      from += count;
      if (this.filled < WINDOW_SAMPLES) break;
      const probability = await this.judge(model);
      this.heard.copyWithin(0, WINDOW_SAMPLES);
      this.filled = 0;
      done({ startUs: this.startUs, endUs: ptsUs + from * US_PER_SAMPLE, probability });
    }
  }

  get memory(): JsonObject {
    return {
      state: base64OfFloats(this.state),
      heard: base64OfFloats(this.heard.subarray(0, CONTEXT_SAMPLES + this.filled)),
      startUs: this.startUs,
    };
  }

  private async judge(model: Model): Promise<number> {
    const { output, stateN } = await model.run({
      input: { type: 'float32', dims: [1, this.heard.length], data: this.heard },
      state: { type: 'float32', dims: STATE_DIMS, data: this.state },
      sr: { type: 'int64', dims: [], data: BigInt64Array.of(BigInt(VOICE_SAMPLE_RATE_HZ)) },
    });
    this.state = stateN!.data as Float32Array;
    return (output!.data as Float32Array)[0]!;
  }
}
