import { spawn } from 'node:child_process';
import type { Frame, FrameSpec, Sampling } from 'vedette/plugin';
import { fitPicture } from '../../../src/core/decode/fit.js';
import { takes } from '../../../src/core/decode/sampling.js';

export const SEGMENT_S = 2;
const CHANNELS = { gray8: 1, rgb24: 3 } as const;
const FFMPEG_FORMAT = { gray8: 'gray', rgb24: 'rgb24' } as const;

/** What of a clip it takes to play it, whatever is known of its frames. */
export interface PlayedClip {
  readonly file: string;
  readonly truth: { readonly widthPx: number; readonly heightPx: number; readonly fps: number; readonly frames: readonly unknown[] };
}

/** Which frames of a clip a sampling takes, by core's own rule, segment by segment: their numbers within the clip. */
export function sampledIndices({ truth: { fps, frames } }: PlayedClip, sampling: Sampling): number[][] {
  const perSegment = SEGMENT_S * fps;
  const segments: number[][] = [];
  for (let from = 0; from < frames.length; from += perSegment) {
    const indices = Array.from({ length: Math.min(perSegment, frames.length - from) }, (_, i) => from + i);
    const taken = takes(
      sampling,
      indices.map((index) => ({ ptsUs: ptsUsOf(index, fps), keyframe: index === from })),
    );
    segments.push(indices.filter((_, i) => taken[i]));
  }
  return segments;
}

export const ptsUsOf = (index: number, fps: number): number => Math.round((index * 1e6) / fps);

/** Decodes the frames of the given numbers as core would hand them out: scaled fast-bilinear, full-range luma. */
export async function decodedFrames(clip: PlayedClip, indices: readonly number[], spec: FrameSpec): Promise<Map<number, Frame>> {
  const { widthPx, heightPx, fps } = clip.truth;
  const fit = fitPicture(spec, { widthPx, heightPx, sampleAspect: 1 });
  if (fit.contentWidthPx !== fit.frameWidthPx || fit.contentHeightPx !== fit.frameHeightPx) {
    throw new Error('The clips have 16:9; an analyzer that asks for another letterbox is not provided for here');
  }
  const [width, height] = [fit.frameWidthPx, fit.frameHeightPx];
  const frameBytes = width * height * CHANNELS[spec.format];
  const filter = `scale=${width}:${height}:flags=fast_bilinear:out_range=pc,format=${FFMPEG_FORMAT[spec.format]}`;
  const wanted = new Set(indices);
  const frames = new Map<number, Frame>();
  await eachFrame(['-i', clip.file, '-vf', filter, '-f', 'rawvideo', '-'], frameBytes, (data, index) => {
    if (!wanted.has(index)) return;
    const keyframe = index % (SEGMENT_S * fps) === 0;
    const place = { ptsUs: ptsUsOf(index, fps), index: index % (SEGMENT_S * fps), keyframe };
    frames.set(index, { ...place, widthPx: width, heightPx: height, format: spec.format, data: new Uint8Array(data), fit });
  });
  if (frames.size !== wanted.size) throw new Error(`${clip.file} has ${frames.size} of ${wanted.size} frames`);
  return frames;
}

function eachFrame(args: readonly string[], frameBytes: number, take: (data: Buffer, index: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.env['FFMPEG_PATH'] ?? 'ffmpeg', ['-v', 'error', '-threads', '1', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let parts: Buffer[] = [];
    let held = 0;
    let index = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      parts.push(chunk);
      held += chunk.length;
      if (held < frameBytes) return;
      let bytes = Buffer.concat(parts);
      for (; bytes.length >= frameBytes; bytes = bytes.subarray(frameBytes)) take(bytes.subarray(0, frameBytes), index++);
      parts = [bytes];
      held = bytes.length;
    });
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`ffmpeg ended with ${code}`))));
  });
}
