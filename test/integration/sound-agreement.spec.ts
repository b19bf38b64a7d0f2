import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { AnalysisResult, AudioBlock, StreamInfo } from '../../src/core/plugin-api/index.js';
import { soundConfig } from '../../src/plugins/visual-analysis/sound/config.js';
import { soundAnalysis } from '../../src/plugins/visual-analysis/sound/sound-analysis.js';

const RATE_HZ = 48_000;
const FFMPEG = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
const run = promisify(execFile);

/** Sounds as ffmpeg makes them: stereo, the same samples for its own filters and for ours. */
const CLIPS = {
  'pink noise that swells':
    "anoisesrc=c=pink:r=48000:a=0.5:d=20:s=7,volume='0.1+0.9*abs(sin(t/3))':eval=frame,aformat=channel_layouts=stereo",
  'tones with pauses':
    "aevalsrc='if(between(mod(t,7),3,6),0,0.4*sin(2*PI*440*t)+0.2*sin(2*PI*3000*t))|if(between(mod(t,7),3,6),0,0.3*sin(2*PI*660*t))':s=48000:d=21",
  'brown noise, loud': 'anoisesrc=c=brown:r=48000:a=1:d=15:s=3,volume=4,aformat=channel_layouts=stereo',
  'speech-like bursts':
    "anoisesrc=c=white:r=48000:a=0.3:d=20:s=11,bandpass=f=900:w=1200,volume=30,volume='if(lt(mod(t,0.9),0.5),1,0.02)*(0.2+0.8*lt(mod(t,10),6))':eval=frame,aformat=channel_layouts=stereo",
} as const;

async function ours(source: string): Promise<AnalysisResult[]> {
  const { stdout } = await run(
    FFMPEG,
    ['-v', 'error', '-f', 'lavfi', '-i', source, '-f', 'f32le', '-ac', '2', '-ar', String(RATE_HZ), 'pipe:1'],
    {
      encoding: 'buffer',
      maxBuffer: 256 * 1024 * 1024,
    },
  );
  const samples = new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length - (stdout.length % 8)));
  const analyzer = soundAnalysis(soundConfig.parse({}));
  const stream: StreamInfo = { streamId: 's', streamName: 's', epochId: 'e', widthPx: 0, heightPx: 0, codec: 'none' };
  const results: AnalysisResult[] = [];
  const emit = (result: AnalysisResult): void => void results.push(result);
  void analyzer.openStream(stream);
  for (let at = 0; at < samples.length / 2; at += RATE_HZ) {
    const data = samples.subarray(at * 2, (at + RATE_HZ) * 2);
    const block: AudioBlock = {
      ptsUs: Math.round((at / RATE_HZ) * 1e6),
      sampleRateHz: RATE_HZ,
      channelCount: 2,
      sampleCount: data.length / 2,
      data,
    };
    void analyzer.processAudio([block], emit, new AbortController().signal, stream);
  }
  void analyzer.closeStream(stream, emit);
  return results;
}

/** What ffmpeg's filter prints, by key, as pairs of time and value. */
async function theirs(source: string, filter: string): Promise<Map<string, [number, number][]>> {
  const { stdout } = await run(
    FFMPEG,
    ['-v', 'error', '-f', 'lavfi', '-i', source, '-af', `${filter},ametadata=print:file=-`, '-f', 'null', '-'],
    { maxBuffer: 256 * 1024 * 1024 },
  );
  const found = new Map<string, [number, number][]>();
  let timeS = 0;
  for (const line of stdout.split('\n')) {
    const time = /pts_time:([\d.]+)/.exec(line);
    if (time) timeS = Number(time[1]);
    const value = /^lavfi\.([\w.]+)=(-?[\d.]+|-?inf|nan)$/.exec(line.trim());
    if (value) found.set(value[1]!, [...(found.get(value[1]!) ?? []), [timeS, Number(value[2])]]);
  }
  return found;
}

const series = (results: readonly AnalysisResult[], name: string): [number, number][] =>
  results.flatMap((one) => (one.type === 'metric' && one.name === name ? [[one.ptsUs / 1e6, one.value] as [number, number]] : []));

/** Greatest difference at the same times; ffmpeg stamps a window with the start of its last 100 ms. */
function greatestDifference(
  own: readonly [number, number][],
  other: readonly [number, number][],
  above = -80,
): { difference: number; compared: number } {
  let difference = 0;
  let compared = 0;
  for (const [endS, value] of own) {
    const match = other.find(([startS]) => Math.abs(startS + 0.1 - endS) < 0.02);
    if (match === undefined || !(match[1] > above)) continue;
    compared++;
    difference = Math.max(difference, Math.abs(value - match[1]));
  }
  return { difference, compared };
}

describe('sound measures beside those of ffmpeg', () => {
  it.each(Object.entries(CLIPS))('agree on the loudness of %s', async (_name, source) => {
    const [results, r128] = await Promise.all([ours(source), theirs(source, 'ebur128=metadata=1:peak=true')]);
    const momentary = greatestDifference(series(results, 'loudness-momentary'), r128.get('r128.M') ?? []);
    const shortTerm = greatestDifference(series(results, 'loudness-short-term'), r128.get('r128.S') ?? []);
    expect(momentary.compared).toBeGreaterThan(8);
    expect(shortTerm.compared).toBeGreaterThan(8);
    expect(momentary.difference).toBeLessThan(0.1);
    expect(shortTerm.difference).toBeLessThan(0.1);
    const last = (name: string): number => series(results, name).at(-1)![1];
    expect(Math.abs(last('loudness-integrated') - r128.get('r128.I')!.at(-1)![1])).toBeLessThan(0.15);
    // A quantile of few values that fall by more than 1 LU from one to the next: a place more or less is that much.
    expect(Math.abs(last('loudness-range') - r128.get('r128.LRA')!.at(-1)![1])).toBeLessThan(1.3);
    const truePeak = Math.max(...series(results, 'true-peak').map(([, value]) => value));
    const theirPeak = Math.max(...['r128.true_peaks_ch0', 'r128.true_peaks_ch1'].map((key) => r128.get(key)!.at(-1)![1]));
    expect(Math.abs(truePeak - 20 * Math.log10(theirPeak))).toBeLessThan(0.5);
  });

  it('agree with silencedetect on every pause, to the millisecond', async () => {
    const source = CLIPS['tones with pauses'];
    const [results, found] = await Promise.all([ours(source), theirs(source, 'silencedetect=n=-60dB:d=2')]);
    const phase = (wanted: string): number[] =>
      results.flatMap((one) => (one.type === 'event' && one.name === 'silence' && one.phase === wanted ? [one.ptsUs / 1e6] : []));
    const starts = found.get('silence_start')!.map(([, value]) => value);
    const ends = found.get('silence_end')!.map(([, value]) => value);
    expect(starts).toHaveLength(3);
    expect(phase('start')).toHaveLength(3);
    starts.forEach((start, i) => expect(Math.abs(phase('start')[i]! - start)).toBeLessThan(0.001));
    ends.forEach((end, i) => expect(Math.abs(phase('end')[i]! - end)).toBeLessThan(0.001));
  });
});
