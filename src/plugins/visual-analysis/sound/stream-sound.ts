import { type AudioBlock, type Emit, type JsonObject, type JsonValue, type PtsUs, type StreamCourse } from 'vedette/plugin';
import { LastingEvent, type LastingEventState } from '../lasting-event.js';
import type { SoundConfig } from './config.js';
import { endOf, follows } from './continuity.js';
import { Loudness } from './loudness.js';
import { SoundMeter, type SoundBlock } from './sound-meter.js';

/** Digital silence has no level; this stands for it. */
const FLOOR_DB = -120;
const BLOCKS_PER_SECOND = 10;
const EVENTS = ['silence', 'clipping', 'out-of-phase', 'true-peak', 'too-loud', 'too-quiet'] as const;
type EventName = (typeof EVENTS)[number];

const amplitude = (db: number): number => 10 ** (db / 20);
const amplitudeDb = (linear: number): number => Math.max(FLOOR_DB, linear > 0 ? 20 * Math.log10(linear) : FLOOR_DB);
const powerDb = (meanSquare: number): number => Math.max(FLOOR_DB, meanSquare > 0 ? 10 * Math.log10(meanSquare) : FLOOR_DB);
const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/** What is gathered until a second is full. */
interface Second {
  blocks: number;
  truePeak: number;
  meanSquare: number;
  correlation: number;
  correlated: number;
  clips: number;
}
const emptySecond = (): Second => ({ blocks: 0, truePeak: 0, meanSquare: 0, correlation: 0, correlated: 0, clips: 0 });

/** One stream's sound: metrics once a second, events as they come. */
export class StreamSound implements StreamCourse {
  private readonly loudness = new Loudness();
  private readonly events: Readonly<Record<EventName, LastingEvent>>;
  private savedChannels: readonly (LastingEventState | undefined)[];
  private deadChannels: LastingEvent[] = [];
  private meter: SoundMeter | undefined;
  private nextUs: PtsUs | null = null;
  private lastClipUs: PtsUs | null = null;
  private lastOverUs: PtsUs | null = null;
  private second = emptySecond();

  constructor(
    private readonly config: SoundConfig,
    private readonly epochId: string,
    checkpoint?: JsonValue,
  ) {
    const saved = (checkpoint ?? {}) as JsonObject;
    const states = (saved['events'] ?? {}) as Record<string, LastingEventState | undefined>;
    const minDurations: Record<EventName, number> = {
      silence: config.silence.minDuration,
      clipping: 0,
      'out-of-phase': config.outOfPhase.minDuration,
      'true-peak': 0,
      'too-loud': config.loudness.minDuration,
      'too-quiet': config.loudness.minDuration,
    };
    this.events = Object.fromEntries(
      EVENTS.map((name) => [name, new LastingEvent(name, minDurations[name] * 1000, epochId, states[name])]),
    ) as Record<EventName, LastingEvent>;
    this.savedChannels = (saved['deadChannels'] ?? []) as unknown as readonly LastingEventState[];
    if (checkpoint === undefined) return;
    this.nextUs = saved['nextUs'] as number | null;
    this.lastClipUs = saved['lastClipUs'] as number | null;
    this.lastOverUs = saved['lastOverUs'] as number | null;
    this.second = { ...(saved['second'] as unknown as Second) };
    this.loudness.restore(saved['loudness'] as JsonObject);
    const meter = saved['meter'] as JsonObject | null;
    if (meter === null) return;
    this.begin(meter['sampleRateHz'] as number, meter['channelCount'] as number);
    this.meter!.restore(meter);
  }

  sound(block: AudioBlock, emit: Emit): void {
    const sameShape = this.meter?.sampleRateHz === block.sampleRateHz && this.meter.channelCount === block.channelCount;
    if (!follows(block, this.nextUs) || !sameShape) {
      this.interrupt(emit);
      this.begin(block.sampleRateHz, block.channelCount);
    }
    this.nextUs = endOf(block);
    this.meter!.push(block, (measured) => this.judge(measured, emit));
  }

  /** Sound is missing from here on: what lasted ends where it was last heard. */
  interrupt(emit: Emit): void {
    if (this.nextUs !== null) {
      const endUs = Math.floor(this.nextUs - 1);
      for (const event of [...Object.values(this.events), ...this.deadChannels]) event.end(endUs, emit);
    }
    this.loudness.interrupt();
    this.meter = undefined;
    this.nextUs = null;
    this.second = emptySecond();
  }

  checkpoint(): JsonValue {
    const meter = this.meter;
    return {
      events: Object.fromEntries(Object.entries(this.events).map(([name, event]) => [name, { ...event.state }])),
      deadChannels: this.deadChannels.map((event) => ({ ...event.state })),
      nextUs: this.nextUs,
      lastClipUs: this.lastClipUs,
      lastOverUs: this.lastOverUs,
      second: { ...this.second },
      loudness: this.loudness.memory,
      meter: meter === undefined ? null : { sampleRateHz: meter.sampleRateHz, channelCount: meter.channelCount, ...meter.memory },
    };
  }

  private begin(sampleRateHz: number, channelCount: number): void {
    this.meter = new SoundMeter(sampleRateHz, channelCount, {
      silentUpTo: amplitude(this.config.silence.level),
      clippedFrom: amplitude(this.config.clipping.level),
      clipSamples: this.config.clipping.minSamples,
    });
    const minUs = this.config.deadChannel.minDuration * 1000;
    const channels = channelCount < 2 ? 0 : channelCount;
    this.deadChannels = Array.from(
      { length: channels },
      (_, i) => new LastingEvent(`dead-channel-${i + 1}`, minUs, this.epochId, this.savedChannels[i]),
    );
    this.savedChannels = [];
  }

  private judge(block: SoundBlock, emit: Emit): void {
    const { startUs, endUs } = block;
    this.loudness.addBlock(block.energy);
    this.silence(block, emit);
    this.clipping(block, emit);
    const over = amplitudeDb(block.truePeak) > this.config.truePeak.max;
    if (over) this.lastOverUs = Math.floor(endUs - 1);
    this.held(this.events['true-peak'], over ? startUs : null, this.lastOverUs, this.config.truePeak.hold, endUs, emit);
    this.lasting(
      this.events['out-of-phase'],
      block.correlation !== null && block.correlation < this.config.outOfPhase.correlation,
      block,
      emit,
    );
    this.channels(block, emit);
    const { shortTermLufs } = this.loudness;
    const { max, min } = this.config.loudness;
    this.lasting(this.events['too-loud'], shortTermLufs !== null && max !== undefined && shortTermLufs > max, block, emit);
    this.lasting(this.events['too-quiet'], shortTermLufs !== null && min !== undefined && shortTermLufs < min, block, emit);
    this.measure(block, emit);
  }

  /** Begins and ends with the very sample. */
  private silence(block: SoundBlock, emit: Emit): void {
    const event = this.events.silence;
    const { firstLoudUs, lastLoudUs, startUs, endUs } = block;
    if (firstLoudUs === null || lastLoudUs === null) {
      event.update(true, Math.round(startUs), emit);
      event.update(true, Math.floor(endUs - 1), emit);
      return;
    }
    if (event.isHolding) {
      event.update(true, Math.round(firstLoudUs), emit);
      event.end(Math.round(firstLoudUs), emit);
    }
    const silentFromUs = lastLoudUs + 1e6 / this.meter!.sampleRateHz;
    if (silentFromUs < endUs - 1) event.update(true, Math.round(silentFromUs), emit);
  }

  private clipping({ clips, firstClipUs, endUs }: SoundBlock, emit: Emit): void {
    if (clips > 0) this.lastClipUs = Math.floor(endUs - 1);
    this.second.clips += clips;
    this.held(this.events.clipping, firstClipUs, this.lastClipUs, this.config.clipping.hold, endUs, emit);
  }

  /** A channel that carries nothing while another does. */
  private channels(block: SoundBlock, emit: Emit): void {
    const { silence, deadChannel } = this.config;
    const loudest = amplitudeDb(Math.max(...block.peaks));
    this.deadChannels.forEach((event, channel) => {
      const isDead = loudest > deadChannel.otherLevel && amplitudeDb(block.peaks[channel] ?? 0) <= silence.level;
      // While nothing is to be heard at all, nothing can be said of one channel.
      if (isDead || loudest > deadChannel.otherLevel) this.lasting(event, isDead, block, emit);
    });
  }

  private lasting(event: LastingEvent, holds: boolean, { startUs, endUs }: SoundBlock, emit: Emit): void {
    if (!holds) return event.end(Math.round(startUs), emit);
    event.update(true, Math.round(startUs), emit);
    event.update(true, Math.floor(endUs - 1), emit);
  }

  /** An event made of short faults: it ends when there was none for a while, where the last one was. */
  private held(event: LastingEvent, faultUs: PtsUs | null, lastUs: PtsUs | null, holdMs: number, nowUs: PtsUs, emit: Emit): void {
    if (faultUs !== null) event.update(true, Math.round(faultUs), emit);
    else if (event.isHolding && lastUs !== null && nowUs - lastUs >= holdMs * 1000) event.end(lastUs, emit);
  }

  private measure(block: SoundBlock, emit: Emit): void {
    const second = this.second;
    second.blocks++;
    second.truePeak = Math.max(second.truePeak, block.truePeak);
    second.meanSquare += block.meanSquare / BLOCKS_PER_SECOND;
    if (block.correlation !== null) {
      second.correlation += block.correlation;
      second.correlated++;
    }
    if (second.blocks < BLOCKS_PER_SECOND) return;
    const ptsUs = Math.floor(block.endUs - 1);
    const metric = (name: string, value: number | null, unit: string): void => {
      if (value !== null) emit({ type: 'metric', ptsUs, name, value: rounded(Math.max(FLOOR_DB, value)), unit });
    };
    metric('loudness-momentary', this.loudness.momentaryLufs, 'LUFS');
    metric('loudness-short-term', this.loudness.shortTermLufs, 'LUFS');
    metric('loudness-integrated', this.loudness.integratedLufs, 'LUFS');
    metric('loudness-range', this.loudness.rangeLu, 'LU');
    metric('true-peak', amplitudeDb(second.truePeak), 'dBTP');
    metric('sound-level', powerDb(second.meanSquare), 'dBFS');
    metric('phase-correlation', second.correlated > 0 ? second.correlation / second.correlated : null, '-1..1');
    metric('clips', second.clips, 'count');
    this.second = emptySecond();
  }
}
