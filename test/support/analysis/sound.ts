import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { AnalysisResult } from '../../../src/core/plugin-api/index.js';
import { inWhole } from './in-parts.js';

const run = promisify(execFile);

/** One block as {@link soundCopy} gave it back. */
export interface HeardBlock {
  readonly ptsUs: number;
  readonly sampleRateHz: number;
  readonly channelCount: number;
  readonly sampleCount: number;
  readonly data: Float32Array;
}

export function blocksIn(results: readonly AnalysisResult[]): HeardBlock[] {
  return inWhole<Omit<HeardBlock, 'ptsUs' | 'data'>>(results).map(({ ptsUs, facts, bytes }) => ({
    ptsUs,
    ...facts,
    data: new Float32Array(bytes.buffer),
  }));
}

/** One channel of blocks that follow each other. */
export function channelOf(blocks: readonly HeardBlock[], channel: number): Float32Array {
  const parts = blocks.map(({ data, channelCount }) => data.filter((_, i) => i % channelCount === channel));
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

export const rms = (samples: Float32Array): number => Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);

/** Frequency of a clean tone, by where it crosses zero. */
export function frequencyOf(samples: Float32Array, sampleRateHz: number): number {
  const crossings: number[] = [];
  for (let i = 1; i < samples.length; i++) {
    const [before, after] = [samples[i - 1]!, samples[i]!];
    if (before < 0 && after >= 0) crossings.push(i - after / (after - before));
  }
  return ((crossings.length - 1) * sampleRateHz) / (crossings.at(-1)! - crossings[0]!);
}

/** All samples of a file's sound as ffmpeg's own program decodes them, interleaved. */
export async function decodedByFfmpeg(file: string, ...options: string[]): Promise<Float32Array> {
  const args = ['-v', 'error', '-i', file, '-vn', ...options, '-f', 'f32le', '-c:a', 'pcm_f32le', 'pipe:1'];
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 2 ** 29 });
  return new Float32Array(Uint8Array.from(stdout).buffer);
}
