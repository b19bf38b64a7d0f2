import type { AudioBlock, Emit, JsonObject, JsonValue, Model, PtsUs, StreamCourse } from 'vedette/plugin';
import { LastingEvent, type LastingEventState } from '../../lasting-event.js';
import { endOf, follows } from '../continuity.js';
import type { SpeechConfig } from './config.js';
import { VOICE_SAMPLE_RATE_HZ, VoiceActivity, WINDOW_SAMPLES, type VoiceWindow } from './voice-activity.js';

/** How far the reference puts the end of speech below its beginning, and how low at the least. */
const HYSTERESIS = 0.15;
const LEAST_OFFSET = 0.01;

/** Samples of the second that is being gathered, and those of them in which somebody speaks. */
interface Second {
  samples: number;
  spoken: number;
}
const emptySecond = (): Second => ({ samples: 0, spoken: 0 });

/** One stream's speech: its share once a second of media, and its beginning and end, exact to a window of 32 ms. */
export class StreamSpeech implements StreamCourse {
  private readonly event: LastingEvent;
  private readonly onset: number;
  private readonly offset: number;
  private voice: VoiceActivity;
  private nextUs: PtsUs | null = null;
  private isSpeech = false;
  private second = emptySecond();

  /** @param model opened by the time it resolves */
  constructor(
    { onset, offset = Math.max(onset - HYSTERESIS, LEAST_OFFSET), minSpeech, minSilence }: SpeechConfig,
    epochId: string,
    private readonly model: () => Promise<Model>,
    checkpoint?: JsonValue,
  ) {
    this.onset = onset;
    this.offset = offset;
    const saved = checkpoint as JsonObject | undefined;
    const state = saved?.['event'] as LastingEventState | undefined;
    this.event = new LastingEvent('speech', minSpeech * 1000, epochId, state, minSilence * 1000);
    this.voice = new VoiceActivity(saved?.['voice'] as JsonObject | undefined);
    if (saved === undefined) return;
    this.nextUs = saved['nextUs'] as number | null;
    this.isSpeech = saved['isSpeech'] as boolean;
    this.second = { ...(saved['second'] as unknown as Second) };
  }

  async sound(block: AudioBlock, emit: Emit): Promise<void> {
    const model = await this.model();
    if (!follows(block, this.nextUs)) this.interrupt(emit);
    this.nextUs = endOf(block);
    await this.voice.push(block, model, (window) => this.judge(window, emit));
  }

  /** Sound is missing from here on: speech ends where it was last heard, and the model forgets it. */
  interrupt(emit: Emit): void {
    if (this.nextUs !== null) this.event.end(Math.floor(this.nextUs - 1), emit);
    this.voice = new VoiceActivity();
    this.nextUs = null;
    this.isSpeech = false;
    this.second = emptySecond();
  }

  checkpoint(): JsonValue {
    return {
      event: { ...this.event.state },
      voice: this.voice.memory,
      nextUs: this.nextUs,
      isSpeech: this.isSpeech,
      second: { ...this.second },
    };
  }

  /** As the reference does: between the two thresholds what was goes on, and a pause that has begun does. */
  private judge({ startUs, endUs, probability }: VoiceWindow, emit: Emit): void {
    if (probability >= this.onset) this.isSpeech = true;
    else if (probability < this.offset) {
      this.isSpeech = false;
      this.event.update(false, Math.round(startUs), emit);
    }
    if (this.isSpeech) {
      this.event.update(true, Math.round(startUs), emit);
      this.event.update(true, Math.floor(endUs - 1), emit);
    }
    this.measure(endUs, emit);
  }

  /** A window that reaches into the next second counts for both. */
  private measure(endUs: PtsUs, emit: Emit): void {
    const left = this.gather(WINDOW_SAMPLES);
    if (this.second.samples < VOICE_SAMPLE_RATE_HZ) return;
    const value = this.second.spoken / VOICE_SAMPLE_RATE_HZ;
    const ptsUs = Math.floor(endUs - (left * 1e6) / VOICE_SAMPLE_RATE_HZ - 1);
    emit({ type: 'metric', ptsUs, name: 'speech', value: Math.round(value * 1000) / 1000, unit: '0..1' });
    this.second = emptySecond();
    this.gather(left);
  }

  /** @returns samples that the second has no room for */
  private gather(samples: number): number {
    const taken = Math.min(samples, VOICE_SAMPLE_RATE_HZ - this.second.samples);
    this.second.samples += taken;
    if (this.isSpeech) this.second.spoken += taken;
    return samples - taken;
  }
}
