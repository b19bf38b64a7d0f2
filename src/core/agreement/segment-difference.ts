import type { AnalysisResult, Box01, DetectionResult, PtsUs } from '../plugin-api/index.js';
import { type Find, pairBoxes } from './pair-boxes.js';

/** Frames of two passes are the same one this far apart: a pass may have been given another rate. */
const SAME_FRAME_US = 20_000;
/** Kept of a segment, to look at. */
const MOST_EXAMPLES = 4;
/** Names that are told apart in one segment; what an analyzer names beyond goes to {@link OTHER}. */
const MOST_NAMES = 200;
export const OTHER = '…';

/** A thing that one pass found and the other did not. */
export interface Example {
  readonly ptsUs: PtsUs;
  readonly foundBy: 'old' | 'new';
  readonly label: string;
  readonly score: number;
  readonly box: Box01;
}

/** An event as far as one segment tells of it. */
export interface EventPart {
  readonly key: string;
  readonly name: string;
  readonly startPtsUs: PtsUs;
  /** Null: it goes on. */
  readonly endPtsUs: PtsUs | null;
}

/** [matched, only by the old pass, only by the new one] */
export type Matches = readonly [number, number, number];
/** [values, their sum] of the old pass, and of the new one. */
export type Sums = readonly [number, number, number, number];

/** What a second pass found in a segment, beside what is known of it; JSON. */
export interface SegmentDifference {
  readonly detections: Readonly<Record<string, Matches>>;
  /** By name and unit. */
  readonly metrics: Readonly<Record<string, Sums>>;
  /** Of every other type, how many. */
  readonly others: Readonly<Record<string, readonly [number, number]>>;
  readonly examples: readonly Example[];
  /** Of the new pass. */
  readonly events: readonly EventPart[];
}

/** What is known of a segment, as it is read. */
export interface KnownResults {
  readonly detections: readonly (Find & { readonly ptsUs: PtsUs; readonly score: number })[];
  readonly metrics: readonly { readonly name: string; readonly unit: string; readonly value: number }[];
  readonly observations: readonly { readonly type: string }[];
}

/** Compares two passes of one analyzer over one segment, frame by frame. */
export function segmentDifference(known: KnownResults, found: readonly AnalysisResult[]): SegmentDifference {
  const ofType = <T extends AnalysisResult['type']>(type: T) =>
    found.filter((result): result is Extract<AnalysisResult, { type: T }> => result.type === type);
  const { detections, examples } = compareDetections(known.detections, ofType('detection'));
  return {
    detections,
    metrics: compareMetrics(known.metrics, ofType('metric')),
    others: compareOthers(known.observations, found),
    examples,
    events: eventParts(ofType('event')),
  };
}

function compareDetections(
  known: KnownResults['detections'],
  found: readonly DetectionResult[],
): Pick<SegmentDifference, 'detections' | 'examples'> {
  const matches = new Map<string, [number, number, number]>();
  const examples: Example[] = [];
  const count = (label: string, which: 0 | 1 | 2): void => {
    const name = matches.has(label) || matches.size < MOST_NAMES ? label : OTHER;
    const row = matches.get(name) ?? [0, 0, 0];
    row[which] += 1;
    matches.set(name, row);
  };
  const tell = (foundBy: Example['foundBy'], { ptsUs, label, score, box }: KnownResults['detections'][number]): void => {
    count(label, foundBy === 'old' ? 1 : 2);
    if (examples.length < MOST_EXAMPLES) examples.push({ ptsUs, foundBy, label, score, box });
  };
  const newFrames = Map.groupBy(found, ({ ptsUs }) => ptsUs);
  for (const [ptsUs, before] of Map.groupBy(known, (one) => one.ptsUs)) {
    const at = newFrames.has(ptsUs) ? ptsUs : [...newFrames.keys()].find((other) => Math.abs(other - ptsUs) <= SAME_FRAME_US);
    const after = at === undefined ? [] : newFrames.get(at)!;
    if (at !== undefined) newFrames.delete(at);
    const pairs = pairBoxes(before, after);
    const [paired, pairedNew] = [new Set(pairs.map(([i]) => i)), new Set(pairs.map(([, j]) => j))];
    for (const [i] of pairs) count(before[i]!.label, 0);
    for (const one of before.filter((_, i) => !paired.has(i))) tell('old', one);
    for (const one of after.filter((_, j) => !pairedNew.has(j))) tell('new', one);
  }
  for (const one of [...newFrames.values()].flat()) tell('new', one);
  return { detections: Object.fromEntries(matches), examples };
}

function compareMetrics(known: KnownResults['metrics'], found: KnownResults['metrics']): SegmentDifference['metrics'] {
  const sums = new Map<string, [number, number, number, number]>();
  const add = (offset: 0 | 2, { name, unit, value }: KnownResults['metrics'][number]): void => {
    const key = `${name} ${unit}`;
    const of = sums.has(key) || sums.size < MOST_NAMES ? key : OTHER;
    const row = sums.get(of) ?? [0, 0, 0, 0];
    row[offset] += 1;
    row[offset + 1]! += value;
    sums.set(of, row);
  };
  for (const one of known) add(0, one);
  for (const one of found) add(2, one);
  return Object.fromEntries(sums);
}

const COMPARED_ELSEWHERE: ReadonlySet<string> = new Set(['detection', 'metric', 'event', 'evidence']);

function compareOthers(known: KnownResults['observations'], found: readonly AnalysisResult[]): SegmentDifference['others'] {
  const counts: Record<string, [number, number]> = {};
  for (const { type } of known) (counts[type] ??= [0, 0])[0] += 1;
  for (const { type } of found) if (!COMPARED_ELSEWHERE.has(type)) (counts[type] ??= [0, 0])[1] += 1;
  return counts;
}

function eventParts(found: readonly Extract<AnalysisResult, { type: 'event' }>[]): EventPart[] {
  return [...Map.groupBy(found, ({ key }) => key).values()].map((phases) => {
    const [first] = phases;
    const end = phases.find(({ phase }) => phase === 'end');
    return { key: first!.key, name: first!.name, startPtsUs: first!.ptsUs, endPtsUs: end?.ptsUs ?? null };
  });
}
