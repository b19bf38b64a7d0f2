import type { AudioBlock, AudioSpec } from '../../plugin-api/index.js';
import type { DecodedSound } from '../../decode/audio-decoder.js';
import { AudioShaper, type AudioShape } from '../../decode/audio-shaper.js';
import type { TaskRun } from './task-run.js';

/** Sound an analyzer gets at once at most. */
const MAX_BLOCK_SECONDS = 1;
const US_PER_SECOND = 1_000_000;

/** Who wants sound, and in what shape. */
export interface Listener {
  readonly run: TaskRun;
  readonly spec: AudioSpec;
}

interface Lane {
  readonly spec: AudioSpec;
  readonly listeners: readonly TaskRun[];
}

interface OpenLane {
  readonly shaper: AudioShaper;
  readonly listeners: readonly TaskRun[];
  /** Samples given since the stretch began. */
  given: number;
}

interface Stretch extends AudioShape {
  readonly startUs: number;
  readonly lanes: readonly OpenLane[];
  pending: Float32Array[];
  pendingSamples: number;
}

/** Gives each analyzer its share of one decode: every shape is made once per block, whoever wants it. */
export class SoundFanOut {
  private readonly lanes: readonly Lane[];
  private stretch: Stretch | undefined;

  constructor(listeners: readonly Listener[]) {
    const bySpec = new Map<string, { spec: AudioSpec; listeners: TaskRun[] }>();
    for (const { run, spec } of listeners) {
      const key = `${spec.sampleRateHz ?? 'source'} ${spec.channels}`;
      const lane = bySpec.get(key) ?? { spec, listeners: [] };
      lane.listeners.push(run);
      bySpec.set(key, lane);
    }
    this.lanes = [...bySpec.values()];
  }

  /**
   * Takes the next sound. It goes on where the sound before it ended, unless {@link break} was called since or its shape is
   * another.
   * @param startUs where its first sample lies; read where a stretch begins
   * @param lead what came right before it, if that is known and was not given
   */
  async take(sound: DecodedSound, startUs: number, lead?: DecodedSound): Promise<void> {
    if (this.stretch !== undefined && !isShape(sound, this.stretch)) await this.break();
    const stretch = (this.stretch ??= this.open(sound, startUs, lead));
    stretch.pending.push(sound.data);
    stretch.pendingSamples += sound.sampleCount;
    if (stretch.pendingSamples + sound.sampleCount > MAX_BLOCK_SECONDS * stretch.sampleRateHz) await flush(stretch);
  }

  /** Ends the stretch: what comes next does not follow from it. */
  async break(): Promise<void> {
    const stretch = this.stretch;
    this.stretch = undefined;
    if (stretch === undefined) return;
    try {
      await flush(stretch);
      for (const lane of stretch.lanes) await give(lane, lane.shaper.finish(), stretch.startUs);
    } finally {
      close(stretch);
    }
  }

  /** Lets go of what is open, whatever happened. */
  close(): void {
    if (this.stretch !== undefined) close(this.stretch);
    this.stretch = undefined;
  }

  private open({ sampleRateHz, channelCount }: DecodedSound, startUs: number, lead: DecodedSound | undefined): Stretch {
    const source = { sampleRateHz, channelCount };
    const before = lead !== undefined && isShape(lead, source) ? lead.data : undefined;
    const lanes = this.lanes.map(({ spec, listeners }) => ({ shaper: new AudioShaper(spec, source, before), listeners, given: 0 }));
    return { ...source, startUs, lanes, pending: [], pendingSamples: 0 };
  }
}

async function flush(stretch: Stretch): Promise<void> {
  const samples = joined(stretch.pending);
  stretch.pending = [];
  stretch.pendingSamples = 0;
  if (samples.length === 0) return;
  for (const lane of stretch.lanes) await give(lane, lane.shaper.push(samples), stretch.startUs);
}

async function give(lane: OpenLane, data: Float32Array, stretchStartUs: number): Promise<void> {
  const { sampleRateHz, channelCount } = lane.shaper.shape;
  const sampleCount = data.length / channelCount;
  if (sampleCount === 0) return;
  const ptsUs = Math.round(stretchStartUs + (lane.given * US_PER_SECOND) / sampleRateHz);
  lane.given += sampleCount;
  const block: AudioBlock = { ptsUs, sampleRateHz, channelCount, sampleCount, data };
  for (const run of lane.listeners) await run.hear([block]);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function close(stretch: Stretch): void {
  for (const { shaper } of stretch.lanes) shaper.close();
}

const isShape = (a: AudioShape, b: AudioShape): boolean => a.sampleRateHz === b.sampleRateHz && a.channelCount === b.channelCount;
