import { describe, expect, it } from 'vitest';
import { aCost, anAnalyzer, AS_IT_IS, aStream, capacityFacts } from '../../../test/support/capacity-facts.js';
import type { Sampling } from '../plugin-api/index.js';
import type { Change } from './change.js';
import type { AnalyzerFacts, StreamFacts } from './facts.js';
import { planOf, type Plan } from './plan.js';
import { lowerSampling } from './sampling-change.js';

const hall = aStream('hall'); // 30 frames and half a keyframe a second
const KEYFRAMES: Sampling = { keyframes: true };
const sampled = (id: string, sampling: Sampling | null, ...cheaper: Sampling[]): AnalyzerFacts =>
  anAnalyzer(id, { sampling, cheaperSampling: cheaper.map((step, i) => ({ config: { step: i }, sampling: step })) });

/** Each analyzer takes 1 core of analysis and 0.26 of decode on each stream. */
function planFor(analyzers: readonly AnalyzerFacts[], streams: readonly StreamFacts[] = [hall]): Plan {
  const costs = streams.flatMap((stream) => analyzers.map((analyzer) => aCost(stream, analyzer, 1, { decodeRate: 0.26 })));
  return planOf(capacityFacts({ streams, analyzers, costs }), AS_IT_IS, null);
}
const only = (plan: Plan, analyzer: AnalyzerFacts): Change => lowerSampling(plan, analyzer)[0]!;
const rates = (plan: Plan, analyzer: AnalyzerFacts) =>
  plan.demands.filter((one) => one.analyzer.id === analyzer.id).map(({ average }) => [average!.analysis, average!.decode]);

describe(lowerSampling.name, () => {
  it.each<[now: Sampling, then: Sampling, analysis: number, from: string, to: string]>([
    [{ fps: 5 }, { fps: 2 }, 0.4, '5 fps', '2 fps'],
    [{ all: true }, { fps: 3 }, 0.1, 'every frame', '3 fps'],
    [{ fps: 60 }, { fps: 45 }, 1, '60 fps', '45 fps'], // the stream has 30: nothing changes
    [{ fps: 60 }, { fps: 15 }, 0.5, '60 fps', '15 fps'],
    [{ fps: 5 }, KEYFRAMES, 0.1, '5 fps', 'keyframes'],
  ])('from %j to %j leaves the analysis of the frames it then sees', (now, then, analysis, from, to) => {
    const look = sampled('look', now, then);
    const change = only(planFor([look]), look);
    expect(change).toMatchObject({ kind: 'lower-sampling', subject: 'look', gain: 'measured', moneyPerDay: 0 });
    expect(change.title).toBe(`look at ${to} instead of ${from}`);
    const [demand] = change.apply(planFor([look])).demands;
    expect(demand!.average!.analysis).toBeCloseTo(analysis, 9);
    expect(demand!.gatesOpen!.analysis).toBeCloseTo(analysis, 9);
  });

  it('never makes an analysis dearer, whatever a step calls itself', () => {
    const odd = sampled('odd', KEYFRAMES, { fps: 5 });
    expect(rates(only(planFor([odd]), odd).apply(planFor([odd])), odd)).toEqual([[1, 0.26]]);
  });

  it('goes on from the step before, until there is none', () => {
    const look = sampled('look', { fps: 8 }, { fps: 4 }, { fps: 1 });
    const first = only(planFor([look]), look).apply(planFor([look]));
    const second = only(first, look).apply(first);
    expect(only(first, look).about).toEqual({ from: 4, to: 1 });
    expect(rates(second, look)[0]![0]).toBeCloseTo(1 / 8, 9);
    expect(second.edits.get('look')).toEqual({ config: { step: 1 } });
    expect(lowerSampling(second, look)).toEqual([]);
  });

  it('has nothing to offer for what hears, and for what has no cheaper option', () => {
    const ear = sampled('ear', null, { fps: 1 });
    const fixed = sampled('fixed', { fps: 5 });
    expect([lowerSampling(planFor([ear]), ear), lowerSampling(planFor([fixed]), fixed)]).toEqual([[], []]);
  });

  it('is offered, but not counted on, where the frames of a stream are not known: only the others become cheaper', () => {
    const dark = aStream('dark', { keyframesPerSecond: null });
    const look = sampled('look', { fps: 5 }, KEYFRAMES);
    const plan = planFor([look], [dark, hall]);
    const change = only(plan, look);
    expect([change.gain, change.gainNote]).toEqual(['unknown', 'frames per second of some streams are not known']);
    expect(rates(change.apply(plan), look).map(([analysis]) => analysis)).toEqual([1, 0.1]);
  });

  describe('of a decode that is shared', () => {
    const look = sampled('look', { fps: 5 }, KEYFRAMES);
    const decodeAfter = (...others: AnalyzerFacts[]): number => {
      const plan = planFor([look, ...others]);
      return rates(only(plan, look).apply(plan), look)[0]![1]!;
    };

    it('decoding keyframes only costs a thirteenth', () => expect(decodeAfter()).toBeCloseTo(0.02, 9));
    it('beside others that want keyframes, too', () => expect(decodeAfter(sampled('still', KEYFRAMES))).toBeCloseTo(0.02, 9));
    it('beside others that only hear, too', () => expect(decodeAfter(sampled('ear', null))).toBeCloseTo(0.02, 9));
    it('but not where another needs the pictures between', () => expect(decodeAfter(sampled('eye', { fps: 1 }))).toBeCloseTo(0.26, 9));
    it('whatever another queue needs', () => {
      const far = { ...sampled('far', { fps: 5 }), queue: 'logo_detection' };
      expect(decodeAfter(far)).toBeCloseTo(0.02, 9);
    });
    it('once: a later step between keyframes does not make it cheaper again', () => {
      const twice = sampled('look', { fps: 5 }, KEYFRAMES, KEYFRAMES);
      const first = only(planFor([twice]), twice).apply(planFor([twice]));
      expect(rates(only(first, twice).apply(first), twice)[0]![1]).toBeCloseTo(0.02, 9);
    });
    it('as soon as the last of the lane has gone to keyframes, for that one', () => {
      const also = sampled('also', { fps: 5 }, KEYFRAMES);
      const plan = planFor([look, also]);
      const first = only(plan, look).apply(plan);
      expect(rates(only(first, also).apply(first), also)[0]![1]).toBeCloseTo(0.02, 9);
    });
  });
});
