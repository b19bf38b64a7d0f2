import { describe, expect, it } from 'vitest';
import type { AnalysisResult, AudioBlock, EventResult, MetricResult, StreamInfo } from 'vedette/plugin';
import { soundConfig } from './config.js';
import { soundAnalysis } from './sound-analysis.js';

const RATE_HZ = 48_000;
const stream: StreamInfo = { streamId: 's', streamName: 's', epochId: 'e', widthPx: 0, heightPx: 0, codec: 'none' };
const never = new AbortController().signal;

type Wave = (seconds: number, channel: number) => number;
const sine =
  (frequencyHz: number, levelDb: number, phase = 0): Wave =>
  (s) =>
    10 ** (levelDb / 20) * Math.sin(2 * Math.PI * frequencyHz * s + phase);

/** Blocks of a second from `fromS` on, sampled from a function of time. */
function sound(wave: Wave, toS: number, { fromS = 0, channelCount = 2, rateHz = RATE_HZ, ptsFromUs = 0, blockS = 1 } = {}): AudioBlock[] {
  const blocks: AudioBlock[] = [];
  const total = Math.round((toS - fromS) * rateHz);
  for (let from = 0; from < total; from += Math.round(blockS * rateHz)) {
    const sampleCount = Math.min(Math.round(blockS * rateHz), total - from);
    const data = new Float32Array(sampleCount * channelCount);
    for (let i = 0; i < sampleCount; i++) {
      for (let channel = 0; channel < channelCount; channel++)
        data[i * channelCount + channel] = wave(fromS + (from + i) / rateHz, channel);
    }
    blocks.push({ ptsUs: Math.round(ptsFromUs + (fromS + from / rateHz) * 1e6), sampleRateHz: rateHz, channelCount, sampleCount, data });
  }
  return blocks;
}

function heard(blocks: readonly AudioBlock[], config: Parameters<typeof soundConfig.parse>[0] = {}): AnalysisResult[] {
  const analyzer = soundAnalysis(soundConfig.parse(config));
  const results: AnalysisResult[] = [];
  void analyzer.openStream(stream);
  void analyzer.processAudio(blocks, (result) => results.push(result), never, stream);
  void analyzer.closeStream(stream, (result) => results.push(result));
  return results;
}

const metrics = (results: readonly AnalysisResult[], name: string): number[] =>
  results.filter((one): one is MetricResult => one.type === 'metric' && one.name === name).map(({ value }) => value);
const events = (results: readonly AnalysisResult[]): [string, string, number][] =>
  results.filter((one): one is EventResult => one.type === 'event').map(({ name, phase, ptsUs }) => [name, phase, ptsUs]);

describe(soundAnalysis.name, () => {
  // EBU Tech 3341, table 1: a 1 kHz sine in both channels at -23 dBFS reads -23 LUFS, at -33 dBFS -33 LUFS, each within 0.1 LU.
  it.each([-23, -33])('reads a sine of %d dBFS in two channels as that many LUFS', (levelDb) => {
    const results = heard(sound(sine(1000, levelDb), 10));
    expect(metrics(results, 'loudness-momentary').at(-1)).toBeCloseTo(levelDb, 1);
    expect(metrics(results, 'loudness-short-term').at(-1)).toBeCloseTo(levelDb, 1);
    expect(Math.abs(metrics(results, 'loudness-integrated').at(-1)! - levelDb)).toBeLessThan(0.1);
    expect(metrics(results, 'loudness-short-term')).toHaveLength(8); // from the third second on
  });

  it('leaves what is far below the rest out of the integrated loudness', () => {
    // EBU Tech 3341, case 3: -36, -23, -36 dBFS read -23 LUFS by the relative gate.
    const wave: Wave = (s, channel) => sine(1000, s >= 10 && s < 30 ? -23 : -36)(s, channel);
    expect(Math.abs(metrics(heard(sound(wave, 40)), 'loudness-integrated').at(-1)! + 23)).toBeLessThan(0.15);
  });

  it('measures the range between soft and loud', () => {
    // EBU Tech 3342, case 1: 20 s at -20, 20 s at -30 dBFS have a range of 10 LU.
    const wave: Wave = (s, channel) => sine(1000, s < 20 ? -20 : -30)(s, channel);
    expect(Math.abs(metrics(heard(sound(wave, 40)), 'loudness-range').at(-1)! - 10)).toBeLessThanOrEqual(1);
  });

  it('weighs the surrounds and leaves out the LFE', () => {
    const only = (channels: readonly number[]): number => {
      const results = heard(sound((s, channel) => (channels.includes(channel) ? sine(1000, -20)(s, channel) : 0), 4, { channelCount: 6 }));
      return metrics(results, 'loudness-short-term').at(-1) ?? Number.NaN;
    };
    expect(only([4]) - only([0])).toBeCloseTo(10 * Math.log10(1.41), 2);
    expect(only([3])).toBe(-120);
  });

  it('finds the peak between the samples', () => {
    // EBU Tech 3341, case 15: a quarter of the sample rate at 45 degrees: samples of -9.03 dBFS, peaks of -6 dBTP.
    const results = heard(sound(sine(RATE_HZ / 4, -6, Math.PI / 4), 2));
    expect(metrics(results, 'true-peak')[1]).toBeGreaterThan(-6.4);
    expect(metrics(results, 'true-peak')[1]).toBeLessThan(-5.8);
  });

  it('reports silence to the sample', () => {
    const wave: Wave = (s, channel) => (s >= 1.2345 && s < 4.5 ? 0 : sine(500, -20, 1)(s, channel));
    const found = events(heard(sound(wave, 6))).filter(([name]) => name === 'silence');
    expect(found.map(([, phase]) => phase)).toEqual(['start', 'end']);
    expect(Math.abs(found[0]![2] - 1_234_500)).toBeLessThan(100);
    expect(Math.abs(found[1]![2] - 4_500_000)).toBeLessThan(100);
    expect(events(heard(sound(wave, 6), { silence: { minDuration: '4s' } })).filter(([name]) => name === 'silence')).toEqual([]);
  });

  it('reports silence that begins with the stream and ends with it', () => {
    const found = events(heard(sound(() => 0, 3)));
    expect(found.map(([name, phase]) => [name, phase])).toEqual([
      ['silence', 'start'],
      ['silence', 'end'],
    ]);
    expect(found[0]![2]).toBe(0);
    expect(Math.abs(found[1]![2] - 3_000_000)).toBeLessThan(50);
  });

  it('counts clips, and none in a sound that only touches full scale', () => {
    const clipped: Wave = (s, channel) => Math.max(-1, Math.min(1, sine(100, s >= 2 && s < 3 ? 6 : -6)(s, channel)));
    const results = heard(sound(clipped, 6));
    expect(metrics(results, 'clips')).toEqual([0, 0, 400, 0, 0, 0]); // two per period and channel
    const found = events(results).filter(([name]) => name === 'clipping');
    expect(found.map(([, phase]) => phase)).toEqual(['start', 'end']);
    expect(Math.abs(found[0]![2] - 2_000_000)).toBeLessThan(10_000);
    expect(Math.abs(found[1]![2] - 3_000_000)).toBeLessThan(110_000);
    expect(metrics(heard(sound(sine(1000, 0), 2)), 'clips')).toEqual([0, 0]);
  });

  it('tells a dead channel from a quiet passage', () => {
    const oneSided: Wave = (s, channel) => (channel === 1 && s >= 2 && s < 9 ? 0 : sine(500, -20)(s, channel));
    const found = events(heard(sound(oneSided, 11)));
    expect(found.map(([name, phase, ptsUs]) => [name, phase, Math.round(ptsUs / 1e5) / 10])).toEqual([
      ['dead-channel-2', 'start', 2],
      ['dead-channel-2', 'end', 9],
    ]);
  });

  it('hears left and right against each other', () => {
    const against: Wave = (s, channel) => (channel === 0 ? 1 : -1) * sine(500, -20)(s, channel);
    const results = heard(sound(against, 7));
    expect(metrics(results, 'phase-correlation').at(-1)).toBeCloseTo(-1, 5);
    expect(events(results).map(([name, phase]) => [name, phase])).toEqual([
      ['out-of-phase', 'start'],
      ['out-of-phase', 'end'],
    ]);
    expect(metrics(heard(sound(sine(500, -20), 2)), 'phase-correlation').at(-1)).toBeCloseTo(1, 5);
    expect(metrics(heard(sound(sine(500, -20), 2, { channelCount: 1 })), 'phase-correlation')).toEqual([]);
  });

  it('judges loudness only where a limit is set', () => {
    const loud = sound(sine(1000, -10), 15);
    expect(events(heard(loud)).filter(([name]) => name.startsWith('too-'))).toEqual([]);
    expect(events(heard(loud, { loudness: { max: -16 } })).map(([name, phase]) => [name, phase])).toContainEqual(['too-loud', 'start']);
  });

  it('ends what lasts at a break in the sound and starts its windows anew', () => {
    const silent = sound(() => 0, 3);
    const later = sound(sine(1000, -20), 2, { ptsFromUs: 10_000_000 });
    const results = heard([...silent, ...later]);
    const end = events(results).find(([name, phase]) => name === 'silence' && phase === 'end')!;
    expect(Math.abs(end[2] - 3_000_000)).toBeLessThan(50);
    expect(metrics(results, 'loudness-momentary').at(-1)).toBeCloseTo(-20, 1);
  });

  it('survives samples that are no numbers', () => {
    const results = heard(
      sound((s, channel) => (s < 0.5 ? Number.NaN : s < 0.6 ? Number.POSITIVE_INFINITY : sine(1000, -20)(s, channel)), 5),
    );
    expect(results.every((one) => one.type !== 'metric' || Number.isFinite(one.value))).toBe(true);
    expect(metrics(results, 'loudness-momentary').at(-1)).toBeCloseTo(-20, 1);
  });

  it.each([8_000, 22_050, 44_100, 96_000])('reads the same at %d Hz', (rateHz) => {
    expect(metrics(heard(sound(sine(1000, -23), 5, { rateHz })), 'loudness-short-term').at(-1)).toBeCloseTo(-23, 0);
  });

  it('goes on from its checkpoint at any sample as if nothing had been', () => {
    const wave: Wave = (s, channel) => (s > 2.03 && s < 4.4 ? 0 : sine(700 + channel, -8)(s, channel) * (channel === 1 && s > 5 ? 0 : 1));
    const blocks = sound(wave, 12, { blockS: 0.37 });
    const whole = heard(blocks);
    for (const cut of [1, 6, 9, 20, 31]) {
      const results: AnalysisResult[] = [];
      const emit = (result: AnalysisResult): void => void results.push(result);
      const before = soundAnalysis(soundConfig.parse({}));
      void before.openStream(stream);
      void before.processAudio(blocks.slice(0, cut), emit, never, stream);
      const checkpoint = JSON.stringify(before.checkpoint(stream));
      expect(checkpoint.length).toBeLessThan(32_000);
      const after = soundAnalysis(soundConfig.parse({}));
      void after.openStream(stream, JSON.parse(checkpoint) as never);
      void after.processAudio(blocks.slice(cut), emit, never, stream);
      void after.closeStream(stream, emit);
      expect(results).toEqual(whole);
    }
  });
});
