import type { AnalyzerInput, FitTransform, Frame, FrameSpec } from '../plugin-api/index.js';

export interface SyntheticFrameOptions {
  /** How many frames, from which number on. */
  readonly count: number;
  readonly from?: number;
  readonly fps?: number;
  /** Another scene: frames of different seeds have nothing in common. */
  readonly seed?: number;
}

/**
 * Frames made without a decoder, in the shape an analyzer asks for: a gradient, noise, and a rectangle that moves. The same
 * numbers always give the same pixels. None for an analyzer that wants sound only.
 */
export function syntheticFrames(wanted: FrameSpec | AnalyzerInput, { count, from = 0, fps = 5, seed = 1 }: SyntheticFrameOptions): Frame[] {
  const spec = 'widthPx' in wanted ? wanted : wanted.frame;
  if (spec === undefined) return [];
  const fit = wholeFrame(spec);
  return Array.from({ length: count }, (_, i) => {
    const index = from + i;
    return {
      ptsUs: Math.round((index * 1_000_000) / fps),
      index,
      keyframe: index === 0,
      widthPx: spec.widthPx,
      heightPx: spec.heightPx,
      format: spec.format,
      data: pixels(spec, index, seed),
      fit,
    };
  });
}

function wholeFrame({ widthPx, heightPx }: FrameSpec): FitTransform {
  return { frameWidthPx: widthPx, frameHeightPx: heightPx, offsetXPx: 0, offsetYPx: 0, contentWidthPx: widthPx, contentHeightPx: heightPx };
}

function pixels({ widthPx, heightPx, format }: FrameSpec, index: number, seed: number): Uint8Array {
  const channels = format === 'rgb24' ? 3 : 1;
  const data = new Uint8Array(widthPx * heightPx * channels);
  const left = ((index * 7 + seed * 13) % 60) / 100;
  let noise = (seed * 2_654_435_761 + index * 40_503) >>> 0;
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      noise = (Math.imul(noise, 1_664_525) + 1_013_904_223) >>> 0;
      const inside = x / widthPx > left && x / widthPx < left + 0.3 && y > heightPx * 0.3 && y < heightPx * 0.7;
      const at = (y * widthPx + x) * channels;
      for (let channel = 0; channel < channels; channel++) {
        const ground = (x * 90) / widthPx + (y * 60) / heightPx + ((seed * 37 + channel * 29) % 80);
        data[at + channel] = inside ? (channel === seed % 3 ? 240 : 20) : ground + (noise >>> 29);
      }
    }
  }
  return data;
}
