import type { AnalyzerFacts, CostSample, StreamFacts } from './facts.js';

/** CPU-seconds per second of media. */
export interface Rate {
  readonly analysis: number;
  /** This analyzer's even share of a decode that it has together with others of its queue. */
  readonly decode: number;
}

export type Confidence = 'high' | 'medium' | 'low' | 'none';

export interface CostEstimate {
  /** As it was, gate included; null: unknown. */
  readonly average: Rate | null;
  /** With its gate open all the time; null: unknown. */
  readonly gatesOpen: Rate | null;
  /** Share of segments for which its gate was closed; null: none asked. */
  readonly gateClosedShare: number | null;
  readonly moneyPerMediaSecond: number | null;
  readonly samples: number;
  readonly spread: number | null;
  readonly confidence: Confidence;
  /** Runs do not say what their decode cost (they are older than that): the figures are too low by it. */
  readonly lacksDecode: boolean;
  /** From its own runs on this stream, from other streams' by size of picture, or nothing. */
  readonly source: 'measured' | 'other-streams' | 'unknown';
}

/** With fewer runs than this, other streams are the better guess. */
export const MIN_SAMPLES = 3;
const UNKNOWN: CostEstimate = {
  average: null,
  gatesOpen: null,
  gateClosedShare: null,
  moneyPerMediaSecond: null,
  samples: 0,
  spread: null,
  confidence: 'none',
  lacksDecode: false,
  source: 'unknown',
};
const NOTHING: Rate = { analysis: 0, decode: 0 };

export const total = (rate: Rate): number => rate.analysis + rate.decode;
export const scale = (rate: Rate, by: number): Rate => ({ analysis: rate.analysis * by, decode: rate.decode * by });
export const plus = (a: Rate, b: Rate): Rate => ({ analysis: a.analysis + b.analysis, decode: a.decode + b.decode });

/**
 * What an analyzer costs on a stream: from its own runs there; else from those on other streams, the decode by the number of
 * pixels, the analysis by the pixels it is given; else unknown. Never a guess.
 */
export function estimateCost(
  stream: Pick<StreamFacts, 'id' | 'pixels'>,
  analyzer: AnalyzerFacts,
  costs: readonly CostSample[],
): CostEstimate {
  const known = costs.filter(
    ({ analyzerId, configHash }) => analyzerId === analyzer.id && (analyzer.configHash === '' || configHash === analyzer.configHash),
  );
  const own = mix(known.filter(({ streamId }) => streamId === stream.id));
  if (own !== null && own.runs >= MIN_SAMPLES) {
    const gatesOpen = own.openRuns >= MIN_SAMPLES ? own.open : (fromOthers(stream, analyzer, known)?.open ?? null);
    return { ...described(own, analyzer), gatesOpen, confidence: confidence(own.runs, own.spread), source: 'measured' };
  }
  const others = fromOthers(stream, analyzer, known);
  if (others === null) return UNKNOWN;
  return {
    ...described(others, analyzer),
    gatesOpen: others.openRuns >= MIN_SAMPLES ? others.open : null,
    confidence: 'low',
    source: 'other-streams',
  };
}

/** High: 30 runs or more and a standard error of at most 5 %; medium: 10 and 15 %; else low. */
export function confidence(samples: number, spread: number | null): Confidence {
  if (samples < MIN_SAMPLES) return 'none';
  const error = (spread ?? 0) / Math.sqrt(samples);
  if (samples >= 30 && error <= 0.05) return 'high';
  return samples >= 10 && error <= 0.15 ? 'medium' : 'low';
}

interface Mixed {
  readonly open: Rate | null;
  readonly average: Rate;
  readonly runs: number;
  readonly openRuns: number;
  readonly gatedRuns: number;
  readonly moneyPerMediaSecond: number | null;
  readonly spread: number | null;
  readonly lacksDecode: boolean;
}

function described(mixed: Mixed, analyzer: AnalyzerFacts): Omit<CostEstimate, 'gatesOpen' | 'confidence' | 'source'> {
  return {
    average: mixed.average,
    gateClosedShare: mixed.gatedRuns === 0 ? null : mixed.gatedRuns / mixed.runs,
    moneyPerMediaSecond: mixed.moneyPerMediaSecond,
    samples: mixed.runs,
    spread: mixed.spread,
    lacksDecode: mixed.lacksDecode && analyzer.wantsPictures,
  };
}

/** Samples of one stream, whichever strategies they ran on, each with its weight of runs. */
function mix(samples: readonly CostSample[]): Mixed | null {
  const runs = sum(samples, ({ openRuns, closedRuns }) => openRuns + closedRuns);
  if (runs === 0) return null;
  const openRuns = sum(samples, (sample) => sample.openRuns);
  const openTotal = samples.reduce((rate, sample) => plus(rate, scale(openRate(sample), sample.openRuns)), NOTHING);
  const closedTotal = sum(samples, ({ closedRate, closedRuns }) => closedRate * closedRuns);
  const paid = samples.filter(({ moneyPerMediaSecond }) => moneyPerMediaSecond !== null);
  return {
    open: openRuns === 0 ? null : scale(openTotal, 1 / openRuns),
    // What a closed gate costs is the glance at the coded pictures.
    average: scale(plus(openTotal, { analysis: 0, decode: closedTotal }), 1 / runs),
    runs,
    openRuns,
    gatedRuns: sum(samples, ({ gatedRuns }) => gatedRuns),
    moneyPerMediaSecond: paid.length === 0 ? null : sum(paid, (one) => one.moneyPerMediaSecond! * (one.openRuns + one.closedRuns)) / runs,
    spread: openRuns === 0 ? null : sum(samples, (one) => (one.spread ?? 0) * one.openRuns) / openRuns,
    lacksDecode: samples.some((one) => one.openRuns > 0 && one.decodeRate === null),
  };
}

const openRate = ({ analysisRate, decodeRate }: CostSample): Rate => ({ analysis: analysisRate, decode: decodeRate ?? 0 });

function fromOthers(stream: Pick<StreamFacts, 'id' | 'pixels'>, analyzer: AnalyzerFacts, known: readonly CostSample[]): Mixed | null {
  const scaled = known
    .filter(({ streamId, openRuns, closedRuns }) => streamId !== stream.id && openRuns + closedRuns >= MIN_SAMPLES)
    .map((sample) => {
      const decodeBy = ratio(stream.pixels, sample.pixels);
      const analysisBy = ratio(givenPixels(analyzer, stream.pixels), givenPixels(analyzer, sample.pixels));
      return {
        ...sample,
        analysisRate: sample.analysisRate * analysisBy,
        decodeRate: sample.decodeRate === null ? null : sample.decodeRate * decodeBy,
      };
    });
  return mix(scaled);
}

/** Pixels of one picture that the analyzer gets of a stream of that size. */
function givenPixels({ picture }: AnalyzerFacts, streamPixels: number | null): number | null {
  if (picture === null || picture.isFixedSize) return 1;
  return streamPixels === null ? null : Math.min(picture.pixels, streamPixels);
}

/** Sizes that are not known count as equal. */
const ratio = (a: number | null, b: number | null): number => (a === null || b === null || b === 0 ? 1 : a / b);

const sum = <T>(items: readonly T[], value: (item: T) => number): number => items.reduce((all, item) => all + value(item), 0);
