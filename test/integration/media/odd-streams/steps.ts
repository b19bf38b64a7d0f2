import type { FrameStep, Step } from '../../../../src/adapters/rtmp/testing/counting-publisher.js';
import type { EncodedClip } from '../../../support/media/encoded-frames.js';

export const headersOf = ({ video, audio }: EncodedClip): Step[] => [
  ...(audio === undefined ? [] : [{ kind: 'audio-header' as const, track: audio }]),
  ...(video === undefined ? [] : [{ kind: 'video-header' as const, track: video }]),
];

/** The clip's frames as messages, in the order an encoder sends them, from `startMs` on. */
export function framesOf(clip: EncodedClip, startMs = 0): FrameStep[] {
  const originUs = Math.min(...clip.frames.map(({ dtsUs }) => dtsUs));
  const codecs = { video: clip.video?.codec, audio: clip.audio?.codec };
  return clip.frames
    .map(({ track, dtsUs, ptsUs, keyframe, data }) => ({
      ...{ kind: 'frame' as const, track, codec: codecs[track]!, keyframe, data: Buffer.from(data) },
      timestampMs: startMs + Math.round((dtsUs - originUs) / 1000),
      compositionMs: Math.round((ptsUs - dtsUs) / 1000),
    }))
    .toSorted((a, b) => a.timestampMs - b.timestampMs);
}

export const stepsOf = (clip: EncodedClip, startMs = 0): Step[] => [...headersOf(clip), ...framesOf(clip, startMs)];

const isFrame = (step: Step): step is FrameStep => step.kind === 'frame';
type Which = (step: FrameStep, index: number) => boolean;

/** Changes the frames that `which` picks; the index counts those of the frame's track. */
export function change(steps: readonly Step[], which: Which, how: (step: FrameStep) => Step): Step[] {
  const counts = { video: 0, audio: 0 };
  return steps.map((step) => {
    if (!isFrame(step)) return step;
    const index = counts[step.track]++;
    return which(step, index) ? how(step) : step;
  });
}

export const without = (steps: readonly Step[], which: Which): Step[] => {
  const dropped = new Set<Step>();
  change(steps, which, (step) => {
    dropped.add(step);
    return step;
  });
  return steps.filter((step) => !dropped.has(step));
};

export const moved =
  (byMs: number) =>
  (step: FrameStep): FrameStep => ({ ...step, timestampMs: step.timestampMs + byMs });
export const cut = (step: FrameStep): FrameStep => ({ ...step, data: step.data.subarray(0, Math.ceil(step.data.length / 2)) });
export const shown =
  (compositionMs: number) =>
  (step: FrameStep): FrameStep => ({ ...step, compositionMs });
export const from =
  (timestampMs: number): Which =>
  (step) =>
    step.timestampMs >= timestampMs;
export const video: Which = ({ track }) => track === 'video';
export const audio: Which = ({ track }) => track === 'audio';
export const keyframe: Which = ({ track, keyframe: isKeyframe }) => track === 'video' && isKeyframe;
export const nth =
  (which: Which, ...indexes: readonly number[]): Which =>
  (step, index) =>
    which(step, index) && indexes.includes(index);
export const every =
  (which: Which, n: number): Which =>
  (step, index) =>
    which(step, index) && index % n === n - 1;

/** The time after all of it. */
export const endOf = (steps: readonly Step[]): number => Math.max(...steps.filter(isFrame).map(({ timestampMs }) => timestampMs)) + 40;
