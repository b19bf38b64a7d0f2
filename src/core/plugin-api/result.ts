import type { Box01 } from './box.js';
import type { JsonObject } from './json.js';
import type { PtsUs } from './time.js';

/** Something seen at a place in one frame. `score` is 0..1. How long names and how large data may be: `RESULT_LIMITS`. */
export interface DetectionResult {
  readonly type: 'detection';
  readonly ptsUs: PtsUs;
  readonly label: string;
  readonly score: number;
  readonly box: Box01;
  /** Stable across frames when the analyzer tracks. */
  readonly trackId?: string;
  readonly attributes?: JsonObject;
}

/** A number over time. `unit` is part of the metric's identity and never empty, e.g. '0..1', 'LUFS', 'px', 'count'. */
export interface MetricResult {
  readonly type: 'metric';
  readonly ptsUs: PtsUs;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/**
 * Something with a duration. `key` names one occurrence within (stream, analyzer): start, updates and end share it.
 * An event may start in one segment and end in another; core closes what an epoch's end leaves open.
 */
export interface EventResult {
  readonly type: 'event';
  readonly phase: 'start' | 'update' | 'end';
  readonly key: string;
  readonly name: string;
  readonly ptsUs: PtsUs;
  readonly data?: JsonObject;
}

/** Any other result about a frame. Core stores it unchanged and serves it by time range. */
export interface ObservationResult {
  readonly type: 'classification' | 'text' | 'embedding' | 'track' | 'artifact';
  readonly ptsUs: PtsUs;
  readonly data: JsonObject;
}

export type AnalysisResult = DetectionResult | MetricResult | EventResult | ObservationResult;

/**
 * Gives results to core, which stores nothing before the segment's transaction commits.
 * @throws VD_ANALYZER_BAD_RESULT for a result that does not match `resultSchema`, lies outside its `ResultSpan`, or exceeds
 *   `RESULT_LIMITS`: the segment's run fails then, also where the analyzer catches it
 */
export type Emit = (result: AnalysisResult) => void;
