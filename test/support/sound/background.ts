import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ffmpeg } from '../media/ffmpeg.js';
import { writeFile } from 'node:fs/promises';

const run = promisify(execFile);

/** Rate of the sounds that tests and benchmarks mix: that of a stream, not that of a detector. */
export const MIX_RATE_HZ = 48_000;

/** Hz; a bar each. */
const CHORDS = [
  [220, 261.6, 329.6],
  [174.6, 220, 261.6],
  [130.8, 196, 261.6],
  [196, 246.9, 293.7],
] as const;
const BAR_S = 2;
const BEAT_S = 0.5;

/** What ffmpeg's filters make, by name. */
export const BACKGROUNDS = {
  'pink noise': () => 'anoisesrc=c=pink:a=0.5:s=7',
  /** Plucked chords, four bars over and over, with a bass and a drum on each beat. */
  music: () => {
    const pluck = `exp(-4*mod(t,${BEAT_S}))`;
    const chords = CHORDS.map((notes, bar) => {
      const tones = notes.flatMap((hz) => [1, 2, 3].map((partial) => `sin(2*PI*${hz * partial}*t)/${partial * partial}`));
      return `eq(mod(floor(t/${BAR_S}),${CHORDS.length}),${bar})*((${tones.join('+')})*${pluck}+sin(PI*${notes[0]}*t))`;
    });
    return `aevalsrc='0.08*(${chords.join('+')})+0.3*(random(0)-0.5)*exp(-30*mod(t,${BEAT_S}))'`;
  },
} as const;
export type Background = keyof typeof BACKGROUNDS;

/** So many seconds of a background, one channel at {@link MIX_RATE_HZ}. */
export async function background(name: Background, seconds: number): Promise<Float32Array> {
  const args = ['-v', 'error', '-f', 'lavfi', '-i', BACKGROUNDS[name](), '-t', String(seconds), '-ac', '1', '-ar', String(MIX_RATE_HZ)];
  const { stdout } = await run('ffmpeg', [...args, '-f', 'f32le', 'pipe:1'], { encoding: 'buffer', maxBuffer: 2 ** 29 });
  return new Float32Array(Uint8Array.from(stdout).buffer);
}

/** A stretch of time, in seconds. */
export interface Stretch {
  readonly fromS: number;
  readonly toS: number;
}

/**
 * Speech over a background whose power, where somebody speaks, is `snrDb` below that of the speech.
 * @param spoken where somebody speaks
 */
export function mixed(speech: Float32Array, under: Float32Array, spoken: readonly Stretch[], snrDb: number): Float32Array {
  const gain = Math.sqrt(power(speech, spoken) / power(under, spoken) / 10 ** (snrDb / 10));
  const mix = speech.map((sample, i) => sample + gain * under[i]!);
  const peak = mix.reduce((greatest, sample) => Math.max(greatest, Math.abs(sample)), 0);
  return peak > 0.95 ? mix.map((sample) => (sample * 0.95) / peak) : mix;
}

function power(samples: Float32Array, where: readonly Stretch[]): number {
  let [sum, count] = [0, 0];
  for (const { fromS, toS } of where) {
    for (const sample of samples.subarray(Math.round(fromS * MIX_RATE_HZ), Math.round(toS * MIX_RATE_HZ))) {
      sum += sample * sample;
      count++;
    }
  }
  return sum / count;
}

/** A clip with this sound in both channels as AAC, and a plain picture: sound alone would begin with the encoder's own delay. */
export async function clipOfSound(path: string, sound: Float32Array): Promise<void> {
  const raw = `${path}.f32`;
  await writeFile(raw, new Uint8Array(sound.buffer, sound.byteOffset, sound.byteLength));
  await ffmpeg(
    ...['-f', 'lavfi', '-i', `color=gray:s=64x36:r=25:d=${sound.length / MIX_RATE_HZ}`],
    ...['-f', 'f32le', '-ar', String(MIX_RATE_HZ), '-ac', '1', '-i', raw],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-sc_threshold', '0', '-bf', '0'],
    ...['-c:a', 'aac', '-b:a', '128k', '-ac', '2', path],
  );
}
