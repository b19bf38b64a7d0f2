import type { DetectionResult, PtsUs } from '../plugin-api/index.js';

/** A point of the displayed frame: 0..1 on both axes, origin top-left. */
export type Point01 = readonly [x: number, y: number];

export const RULE_KINDS = ['zone', 'line', 'dwell', 'count'] as const;
export type RuleKind = (typeof RULE_KINDS)[number];

/** Which point of an object is meant: where it stands, its middle, or its box as far as it overlaps with the zone. */
export const ANCHORS = ['bottom', 'centre', 'overlap'] as const;
export type Anchor = (typeof ANCHORS)[number];

export interface ZoneParams {
  readonly anchor: Anchor;
  /** Share of the box within the zone from which it counts as inside, for the anchor `overlap`. */
  readonly minOverlap: number;
  /** How far an object must get out of the zone, or over the line, until it counts: keeps one that stands on the edge from flickering. */
  readonly margin: number;
  /** An object unseen for longer has left where it was seen last. */
  readonly maxGapMs: number;
}
export interface DwellParams extends ZoneParams {
  /** Time in the zone from which it is told. */
  readonly dwellMs: number;
}
export interface LineParams {
  readonly anchor: Exclude<Anchor, 'overlap'>;
  readonly margin: number;
  readonly maxGapMs: number;
}
export interface CountParams {
  readonly anchor: Anchor;
  readonly minOverlap: number;
  readonly comparison: 'at-least' | 'at-most';
  readonly objects: number;
  /** The condition must hold for so long. */
  readonly forMs: number;
  /** One count is made for each step of media time: the most objects in any one frame of it. */
  readonly stepMs: number;
  /** Media not analysed for longer ends what was going on. */
  readonly maxGapMs: number;
}

interface RuleBase<Kind extends RuleKind, Params> {
  readonly id: string;
  /** Grows with every change that can change a result. */
  readonly revision: number;
  readonly streamId: string;
  readonly name: string;
  readonly enabled: boolean;
  /** Whose detections it looks at. */
  readonly analyzerId: string;
  /** Empty: all. */
  readonly labels: readonly string[];
  readonly minScore: number;
  readonly kind: Kind;
  /** A closed polygon, or the way along a line. */
  readonly points: readonly Point01[];
  readonly params: Params;
}
export type ZoneRule = RuleBase<'zone', ZoneParams>;
export type DwellRule = RuleBase<'dwell', DwellParams>;
export type LineRule = RuleBase<'line', LineParams>;
export type CountRule = RuleBase<'count', CountParams>;
/** An event an operator asks for, judged over stored detections and their tracks. */
export type Rule = ZoneRule | DwellRule | LineRule | CountRule;

/** What a rule needs of a detection. */
export type Sighting = Pick<DetectionResult, 'ptsUs' | 'label' | 'score' | 'box' | 'trackId'>;

/** Media that was analysed: what was seen in it, in stored order; and by being here, that it was looked at. */
export interface AnalysedSegment {
  readonly ptsStartUs: PtsUs;
  readonly ptsEndUs: PtsUs;
  readonly sightings: readonly Sighting[];
}

/** Enabled or not. Bounds what a checkpoint holds. */
export const RULES_PER_STREAM = 32;
/** Objects a rule follows at a time. */
export const TRACKS_PER_RULE = 256;
/** Events a rule may begin in one segment; a rule that would tell more tells nothing. */
export const EVENTS_PER_SEGMENT = 500;
