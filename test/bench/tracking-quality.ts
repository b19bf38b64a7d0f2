import type { ClaimedRun, ClaimedSegment } from '../../src/core/persistence/ledger/run-ledger.js';
import { ResultStage } from '../../src/core/pipeline/result-stage.js';
import { type JsonValue, Tracker, type TrackingSpec } from '../../src/core/plugin-api/index.js';
import type { RegisteredAnalyzer } from '../../src/core/plugin-host/plugin-registry.js';
import type { Rule } from '../../src/core/rules/rule.js';
import { ruleDraft, type RuleInput } from '../../src/core/rules/rule-draft.js';
import { motionScene } from '../support/tracking/motion-scene.js';
import { type MotScore, motScore } from '../support/tracking/mot-metrics.js';
import { quantile } from './quantiles.js';

const SPEC: TrackingSpec = { startScore: 0.5, continueScore: 0.1, minIou: 0.2, maxGapMs: 2_000, minHits: 1 };
/** Seeds that the tracker was not built on. */
const SEEDS = Array.from({ length: 10 }, (_, n) => 101 + n);
const VARIANTS: readonly [string, Partial<TrackingSpec>][] = [
  ['one hit', {}],
  ['two hits', { minHits: 2 }],
  ['high scores only', { continueScore: 0.5 }],
];

/** How well objects of generated motion are followed, and what that and four rules cost the worker. */
export async function runTracking(): Promise<string[]> {
  const lines = [2, 5, 10, 25].flatMap((fps) =>
    VARIANTS.map(([name, more]) => {
      const scores = SEEDS.map((seed) => score(seed, fps, { ...SPEC, ...more }));
      const sum = (of: (one: MotScore) => number): number => scores.reduce((total, one) => total + of(one), 0);
      const mean = (of: (one: MotScore) => number): string => (sum(of) / scores.length).toFixed(3);
      return `tracking  ${fps} fps, ${name}: MOTA ${mean(({ mota }) => mota)}, IDF1 ${mean(({ idf1 }) => idf1)}, ${sum(({ switches }) => switches)} switches, ${sum(({ misses }) => misses)} misses, ${sum(({ falseAlarms }) => falseAlarms)} false of ${sum(({ boxes }) => boxes)} boxes`;
    }),
  );
  return [...lines, await cost('tracks', []), await cost('tracks and four rules', RULES)];
}

function score(seed: number, fps: number, spec: TrackingSpec): MotScore {
  const tracker = new Tracker(spec);
  return motScore(
    motionScene({ seed, objects: 15, seconds: 30, fps }).map(({ ptsUs, truth, detections }) => {
      const ids = tracker.update(ptsUs, detections);
      return { truth, tracked: detections.flatMap(({ box }, n) => (ids[n] === undefined ? [] : [{ trackId: ids[n], box }])) };
    }),
  );
}

const POLYGON = [
  [0.2, 0.2],
  [0.8, 0.2],
  [0.8, 0.8],
  [0.2, 0.8],
] as const;
const RULES: readonly Partial<RuleInput>[] = [
  { kind: 'zone', points: POLYGON },
  { kind: 'dwell', points: POLYGON, params: { dwellMs: 2_000 } },
  {
    kind: 'line',
    points: [
      [0.5, 0],
      [0.5, 1],
    ],
  },
  { kind: 'count', points: POLYGON, params: { objects: 10 } },
];

/** Fifty objects in each of ten frames of a segment of two seconds. */
async function cost(what: string, inputs: readonly Partial<RuleInput>[]): Promise<string> {
  const rules = inputs.map(
    (input, n) =>
      ({
        ...ruleDraft({
          name: 'r',
          enabled: true,
          analyzerId: 'a',
          labels: [],
          minScore: 0,
          kind: 'zone',
          points: [],
          params: {},
          ...input,
        }),
        id: `0000000${n}`,
        revision: 1,
        streamId: 's',
      }) as Rule,
  );
  const stage = new ResultStage(
    { analyzers: [{ definition: { id: 'a' }, tracking: SPEC } as unknown as RegisteredAnalyzer] },
    {
      inForce: async () => rules,
    },
  );
  const frames = motionScene({ seed: 50, objects: 62, seconds: 600, fps: 5, falseAlarms: 0 });
  const [times, objects]: [number[], number[]] = [[], []];
  let data: JsonValue | undefined;
  let bytes = 0;
  for (let sequence = 0; sequence * 10 < frames.length; sequence++) {
    const results = frames.slice(sequence * 10, sequence * 10 + 10).flatMap(({ detections }) => detections);
    const run = {
      runId: '1',
      attempt: 1,
      analyzerId: 'a',
      ...(data === undefined ? {} : { checkpoint: { epochId: 'e', sequence, data } }),
    } as unknown as ClaimedRun;
    const work = {
      stream: { streamId: 's' },
      segment: { sequence, ptsStartUs: sequence * 2_000_000 + 1_400_000, ptsEndUs: (sequence + 1) * 2_000_000 + 1_400_000 },
    } as unknown as ClaimedSegment;
    const startedMs = performance.now();
    const { checkpoint } = await stage.apply(run, work, {
      runId: '1',
      status: 'done',
      results,
      framesSeen: 10,
      framesExpected: 10,
      cpuMs: 0,
    });
    times.push(performance.now() - startedMs);
    objects.push(results.length / 10);
    data = JSON.parse(JSON.stringify(checkpoint)) as JsonValue;
    bytes = Math.max(bytes, JSON.stringify(checkpoint).length);
  }
  return `tracking  ${what}, ${quantile(objects, 0.5).toFixed(0)} objects a frame at 5 fps: ${quantile(times, 0.5).toFixed(2)} ms a segment at the median (fastest tenth ${quantile(times, 0.1).toFixed(2)}, slowest twentieth ${quantile(times, 0.95).toFixed(2)}), checkpoint at most ${bytes} bytes`;
}
