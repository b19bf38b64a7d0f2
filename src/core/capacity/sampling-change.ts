import type { Sampling } from '../plugin-api/index.js';
import { FREE, type Change } from './change.js';
import type { Rate } from './cost-estimate.js';
import type { AnalyzerFacts, StreamFacts } from './facts.js';
import type { Demand, Plan } from './plan.js';
import { editing } from './plan-edits.js';

/** Decoding keyframes only beside decoding all, as measured once (docs/reference/capacity.md). */
const KEYFRAME_DECODE = 1 / 13;

/** A further step of the analyzer's own options each time. */
export function lowerSampling(plan: Plan, analyzer: AnalyzerFacts): Change[] {
  const own = plan.demands.filter((one) => one.analyzer.id === analyzer.id);
  const at = own[0]?.samplingStep ?? 0;
  const step = analyzer.cheaperSampling[at];
  const now = at === 0 ? analyzer.sampling : analyzer.cheaperSampling[at - 1]!.sampling;
  if (step === undefined || now === null) return [];
  const factors = new Map(own.map(({ stream }) => [stream.id, frameRatio(step.sampling, now, stream)]));
  const known = [...factors.values()].every((factor) => factor !== null);
  const onlyKeyframes = 'keyframes' in step.sampling && !('keyframes' in now);
  return [
    {
      kind: 'lower-sampling',
      subject: analyzer.id,
      title: samplingTitle(analyzer.id, toldSampling(now), toldSampling(step.sampling)),
      about: { from: toldSampling(now), to: toldSampling(step.sampling) },
      edit: { config: step.config },
      loses: 'what is on show only between the frames it then sees',
      ...FREE,
      gain: known ? 'measured' : 'unknown',
      gainNote: known ? 'by the frames it saw and what one cost' : 'frames per second of some streams are not known',
      apply: (from) => {
        // Of the plan it is applied to, which may lack what came before this change when it was found.
        const lanes = Map.groupBy(from.demands, ({ lane }) => lane);
        return editing(from, analyzer, { config: step.config }, (one) => {
          const factor = factors.get(one.stream.id) ?? 1;
          const spares = onlyKeyframes && lanes.get(one.lane)!.every((other) => other === one || isKeyframes(other));
          const cheaper = (rate: Rate | null): Rate | null =>
            rate && { analysis: rate.analysis * factor, decode: rate.decode * (spares ? KEYFRAME_DECODE : 1) };
          return { ...one, samplingStep: one.samplingStep + 1, average: cheaper(one.average), gatesOpen: cheaper(one.gatesOpen) };
        });
      },
    },
  ];
}

const isKeyframes = ({ analyzer, samplingStep }: Demand): boolean => {
  const sampling = samplingStep === 0 ? analyzer.sampling : analyzer.cheaperSampling[samplingStep - 1]!.sampling;
  return sampling === null || 'keyframes' in sampling;
};

/** How many of the frames it sees now it would still see. */
function frameRatio(then: Sampling, now: Sampling, stream: StreamFacts): number | null {
  const [after, before] = [framesPerSecond(then, stream), framesPerSecond(now, stream)];
  return after === null || before === null || before === 0 ? null : Math.min(1, after / before);
}

function framesPerSecond(sampling: Sampling, stream: StreamFacts): number | null {
  if ('keyframes' in sampling) return stream.keyframesPerSecond;
  if ('all' in sampling) return stream.framesPerSecond;
  return Math.min(sampling.fps, stream.framesPerSecond ?? sampling.fps);
}

/** Frames per second, or which frames. */
export type ToldSampling = number | 'keyframes' | 'all';

const toldSampling = (sampling: Sampling): ToldSampling =>
  'keyframes' in sampling ? 'keyframes' : 'all' in sampling ? 'all' : sampling.fps;
const samplingText = (sampling: ToldSampling): string =>
  typeof sampling === 'number' ? `${sampling} fps` : sampling === 'all' ? 'every frame' : sampling;
export const samplingTitle = (analyzerId: string, from: ToldSampling, to: ToldSampling): string =>
  `${analyzerId} at ${samplingText(to)} instead of ${samplingText(from)}`;
