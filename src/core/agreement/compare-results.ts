import type { AnalysisResult, DetectionResult, PtsUs } from '../plugin-api/index.js';
import { normalLabel, pairBoxes } from './pair-boxes.js';

/** Frames of two strategies that sample differently are the same moment this far apart. */
const SAME_MOMENT_US = 500_000;
/** Two values of one metric agree within this share of the larger one. */
const VALUE_TOLERANCE = 0.05;

/** How far two strategies said the same of one segment. */
export interface Agreement {
  readonly matched: number;
  readonly onlyMain: number;
  readonly onlyShadow: number;
  /** matched / all, 0..1 (Jaccard index); null where neither found anything. */
  readonly agreement: number | null;
}

/**
 * Compares what two strategies found in a segment. Detections match by label and IoU at the same moment: where one samples more
 * finely, only its frames nearest to the other's count. Metrics match by name when their means agree; everything else by type
 * and name, whatever the moment.
 */
export function compareResults(main: readonly AnalysisResult[], shadow: readonly AnalysisResult[]): Agreement {
  const detections = compareDetections(main.filter(isDetection), shadow.filter(isDetection));
  const metrics = compareMetrics(main, shadow);
  const others = compareCounts(countOthers(main), countOthers(shadow));
  const sum = (key: keyof Tally): number => detections[key] + metrics[key] + others[key];
  const [matched, onlyMain, onlyShadow] = [sum('matched'), sum('onlyMain'), sum('onlyShadow')];
  const all = matched + onlyMain + onlyShadow;
  return { matched, onlyMain, onlyShadow, agreement: all === 0 ? null : matched / all };
}

interface Tally {
  readonly matched: number;
  readonly onlyMain: number;
  readonly onlyShadow: number;
}

const isDetection = (result: AnalysisResult): result is DetectionResult => result.type === 'detection';

function compareDetections(main: readonly DetectionResult[], shadow: readonly DetectionResult[]): Tally {
  const [mainFrames, shadowFrames] = [framesOf(main), framesOf(shadow)];
  const isShadowSparser = shadowFrames.size <= mainFrames.size;
  const [sparse, dense] = isShadowSparser ? [shadowFrames, mainFrames] : [mainFrames, shadowFrames];
  const taken = new Set<PtsUs>();
  let [matched, onlySparse, onlyDense] = [0, 0, 0];
  for (const [ptsUs, found] of sparse) {
    const nearest = nearestMoment(
      ptsUs,
      [...dense.keys()].filter((moment) => !taken.has(moment)),
    );
    if (nearest !== undefined) taken.add(nearest);
    const others = nearest === undefined ? [] : dense.get(nearest)!;
    const pairs = pairBoxes(found, others).length;
    matched += pairs;
    onlySparse += found.length - pairs;
    onlyDense += others.length - pairs;
  }
  // Nothing in the sparser one: what the other saw, in one frame's worth of it.
  if (sparse.size === 0 && dense.size > 0)
    onlyDense = Math.round([...dense.values()].reduce((sum, found) => sum + found.length, 0) / dense.size);
  return isShadowSparser
    ? { matched, onlyMain: onlyDense, onlyShadow: onlySparse }
    : { matched, onlyMain: onlySparse, onlyShadow: onlyDense };
}

function framesOf(detections: readonly DetectionResult[]): Map<PtsUs, DetectionResult[]> {
  return Map.groupBy(detections, ({ ptsUs }) => ptsUs);
}

function nearestMoment(ptsUs: PtsUs, moments: readonly PtsUs[]): PtsUs | undefined {
  const nearest = moments.reduce<PtsUs | undefined>(
    (best, moment) => (best === undefined || Math.abs(moment - ptsUs) < Math.abs(best - ptsUs) ? moment : best),
    undefined,
  );
  return nearest !== undefined && Math.abs(nearest - ptsUs) <= SAME_MOMENT_US ? nearest : undefined;
}

function compareMetrics(main: readonly AnalysisResult[], shadow: readonly AnalysisResult[]): Tally {
  const [a, b] = [meansOf(main), meansOf(shadow)];
  const common = [...a.keys()].filter((name) => b.has(name));
  const matched = common.filter(
    (name) => Math.abs(a.get(name)! - b.get(name)!) <= VALUE_TOLERANCE * Math.max(Math.abs(a.get(name)!), Math.abs(b.get(name)!)),
  ).length;
  return { matched, onlyMain: a.size - matched, onlyShadow: b.size - matched };
}

function meansOf(results: readonly AnalysisResult[]): Map<string, number> {
  const byName = Map.groupBy(
    results.filter((result) => result.type === 'metric'),
    ({ name, unit }) => `${name} ${unit}`,
  );
  return new Map([...byName].map(([name, values]) => [name, values.reduce((sum, { value }) => sum + value, 0) / values.length]));
}

/** Events by name and phase; observations by what they say. */
function countOthers(results: readonly AnalysisResult[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const result of results) {
    const key = result.type === 'event' ? `event ${result.name} ${result.phase}` : saying(result);
    if (key === undefined) continue;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function saying(result: AnalysisResult): string | undefined {
  if (result.type !== 'classification' && result.type !== 'text') return undefined;
  const said = result.data['label'] ?? result.data['text'];
  return typeof said === 'string' ? `${result.type} ${normalLabel(said)}` : undefined;
}

/** Whether a thing was said counts, not how often: the two may look at different numbers of frames. */
function compareCounts(main: ReadonlyMap<string, number>, shadow: ReadonlyMap<string, number>): Tally {
  const matched = [...main.keys()].filter((key) => shadow.has(key)).length;
  return { matched, onlyMain: main.size - matched, onlyShadow: shadow.size - matched };
}
