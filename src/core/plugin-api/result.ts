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

/**
 * Asks core to keep a picture of `box`, for people who doubt an event or want to see it. Core cuts it from the decoded picture, with
 * some of what is around it, and keeps it as long as the event. Of several of one event that with the highest `rank` stays, whichever
 * segment it came from. Needs `evidence: true` in the analyzer's input, a picture of the segment at hand, and the event to be told of
 * (`start`, `update` or `end`) while the same segment is analysed. What cannot be kept is refused with a reason in the run, and
 * costs no other result.
 * @example emit({ type: 'evidence', key: door.key, ptsUs: frame.ptsUs, box, rank: score * Math.sqrt(box.width * box.height) })
 */
export interface EvidenceResult {
  readonly type: 'evidence';
  /** Of the event. */
  readonly key: string;
  /** Of the frame the box was found on. */
  readonly ptsUs: PtsUs;
  readonly box: Box01;
  /** 0..1: how good a picture it is, beside others of the same event. */
  readonly rank: number;
  /** Made by core: an analyzer leaves it out. */
  readonly picture?: EvidencePicture;
}

/** What was cut out: at most `RESULT_LIMITS.evidenceBytes` of JPEG, upright, with square pixels. */
export interface EvidencePicture {
  readonly jpegBase64: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** The part of the displayed frame that it shows. */
  readonly region: Box01;
}

/** Any other result about a frame. Core stores it unchanged and serves it by time range. */
export interface ObservationResult {
  readonly type: 'classification' | 'text' | 'embedding' | 'track' | 'artifact';
  readonly ptsUs: PtsUs;
  readonly data: JsonObject;
}

export type AnalysisResult = DetectionResult | MetricResult | EventResult | EvidenceResult | ObservationResult;

/**
 * Gives results to core, which stores nothing before the segment's transaction commits.
 * @throws VD_ANALYZER_BAD_RESULT for a result that does not match `resultSchema`, lies outside its `ResultSpan`, or exceeds
 *   `RESULT_LIMITS`: the segment's run fails then, also where the analyzer catches it
 */
export type Emit = (result: AnalysisResult) => void;
