import { averagePrecision, bestQuality, joined, judgeClip, qualityAt, type Judgement } from './evaluate.js';
import { appearanceExposure, sampledExposure, summarise } from './exposure.js';
import type { ClipRun, Method } from './method.js';
import type { Track } from './scenes.js';
import { interval } from './spread.js';

/** One method on one track. */
export interface Result {
  readonly method: Pick<Method, 'name' | 'threshold'>;
  readonly track: Track;
  readonly runs: readonly ClipRun[];
}

const HEADER = [
  [
    'Track',
    'Method',
    'P',
    'R',
    'F1 (95 %)',
    'best F1, at',
    'AP (95 %)',
    'Exposure error',
    'of the total',
    'by appearances',
    'False s/min',
    'ms/frame',
    'CPU ms/frame',
    'CPU-s/stream-min',
  ],
  ['---', '---', '---:', '---:', '---:', '---:', '---:', '---:', '---:', '---:', '---:', '---:', '---:', '---:'],
];

/** The figures of every result as a Markdown table. */
export function table(results: readonly Result[]): string {
  return [...HEADER, ...results.map(row)].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** F1 at the threshold in use, by the clips' bit rate. */
export function bitrateTable(results: readonly Result[]): string {
  const rates = [...new Set(results.flatMap(({ runs }) => runs.map(({ truth }) => truth.bitrateKbps)))].sort((a, b) => a - b);
  const lines = results.map(({ track, method, runs }) => {
    const at = (rate: number): string =>
      share(qualityAt(judged(runs.filter(({ truth }) => truth.bitrateKbps === rate)), method.threshold).f1);
    return [track, method.name, ...rates.map(at)];
  });
  const header = [
    ['Track', 'Method', ...rates.map((rate) => `F1 at ${rate / 1000} Mbit/s`)],
    ['---', '---', ...rates.map(() => '---:')],
  ];
  return [...header, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function row({ method, track, runs }: Result): string[] {
  const all = judged(runs);
  const now = qualityAt(all, method.threshold);
  const best = bestQuality(all);
  const judgements = runs.map(judgeClip);
  const spread = (figure: (judgement: Judgement) => number): string =>
    interval(judgements, (some) => figure(joined(some)))
      .map(share)
      .join('–');
  const seconds = runs.reduce((sum, { truth }) => sum + truth.frames.length / truth.fps, 0);
  const frames = runs.reduce((sum, run) => sum + run.frames.length, 0);
  const cpuS = runs.reduce((sum, run) => sum + run.cpuS, 0);
  const exposure = summarise(
    runs.flatMap((run) => sampledExposure(run, method.threshold)),
    seconds,
  );
  const reported = runs.every((run) => run.appearances !== undefined)
    ? percent(
        summarise(
          runs.flatMap(({ truth, appearances }) => appearanceExposure(truth, appearances ?? [])),
          seconds,
        ).relativeError,
      )
    : '';
  return [
    track,
    method.name,
    share(now.precision),
    share(now.recall),
    `${share(now.f1)} (${spread((judgement) => qualityAt(judgement, method.threshold).f1)})`,
    `${share(best.f1)}, ${Number(best.threshold.toFixed(3))}`,
    `${share(averagePrecision(all))} (${spread(averagePrecision)})`,
    percent(exposure.relativeError),
    `${exposure.totalError > 0 ? '+' : ''}${percent(exposure.totalError)}`,
    reported,
    exposure.falseSecondsPerMinute.toFixed(1),
    (runs.reduce((sum, { wallMs }) => sum + wallMs, 0) / frames).toFixed(0),
    ((cpuS / frames) * 1000).toFixed(0),
    ((cpuS / seconds) * 60).toFixed(1),
  ];
}

const judged = (runs: readonly ClipRun[]): Judgement => joined(runs.map(judgeClip));
const share = (value: number): string => (Number.isFinite(value) ? value.toFixed(3) : '–');
const percent = (value: number): string => (Number.isFinite(value) ? `${(value * 100).toFixed(1)} %` : '–');
