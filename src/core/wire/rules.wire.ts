import { z } from 'zod';
import { nameSchema } from '../plugin-api/index.js';
import { ANCHORS, RULE_KINDS } from '../rules/rule.js';
import { analyzerId as anAnalyzerId, instant, uuid } from './fields.js';

/** What REST takes and gives of rules. What a kind's parameters may be is checked by the kind; here is what there is. */
const iso = z.iso.datetime();
const ptsUs = z.number().int().describe("Microseconds of the epoch's own media clock");
const point = z
  .tuple([z.number().min(0).max(1), z.number().min(0).max(1)])
  .describe('x and y, 0..1 of the displayed frame, origin top-left');
export const rulePoints = z.array(point).min(2).max(64).describe('Corners of the zone, in order; or the points of the line');
export const ruleParams = z
  .strictObject({
    anchor: z
      .enum(ANCHORS)
      .optional()
      .describe('Point of the object that counts: bottom centre of its box, its centre, or its overlap with the zone. Default: bottom'),
    minOverlap: z.number().optional().describe('Anchor `overlap`: share of the box that must lie in the zone, 0.01 to 1. Default: 0.5'),
    margin: z
      .number()
      .optional()
      .describe('How far out of the zone or over the line an object must get, 0 to 0.5 of the frame. Default: 0.01'),
    maxGapMs: z.number().optional().describe('Unseen for longer, an object is gone; 100 to 10,000. Default: 2,000'),
    dwellMs: z.number().optional().describe('dwell: time in the zone from which it is told'),
    comparison: z.enum(['at-least', 'at-most']).optional().describe('count. Default: at-least'),
    objects: z.number().optional().describe('count: number of objects, 0 to 1,000'),
    forMs: z.number().optional().describe('count: how long it must hold. Default: 0'),
    stepMs: z
      .number()
      .optional()
      .describe(
        'count: media time per count, 250 to 5,000; not less than the time between two frames that the analyzer looks at. Default: 1,000',
      ),
  })
  .describe('What is not given takes its default; each kind takes its own only');

const analyzerId = anAnalyzerId.describe('Whose detections it looks at');
const labels = z.array(nameSchema(256)).max(50).describe('Empty: all');
const minScore = z.number().min(0).max(1);

export const newRuleBody = z.strictObject({
  name: nameSchema(100),
  enabled: z.boolean().optional(),
  analyzerId,
  labels: labels.optional(),
  minScore: minScore.optional(),
  kind: z.enum(RULE_KINDS),
  points: rulePoints,
  params: ruleParams.optional(),
});
/** What is not given stays; `params`, when given, replaces all of them. */
export const rulePatch = z.strictObject({
  name: nameSchema(100).optional(),
  enabled: z.boolean().optional(),
  analyzerId: analyzerId.optional(),
  labels: labels.optional(),
  minScore: minScore.optional(),
  kind: z.enum(RULE_KINDS).optional(),
  points: rulePoints.optional(),
  params: ruleParams.optional(),
});

const range = {
  from: instant.optional(),
  to: instant.optional(),
  epochId: uuid.optional(),
  fromPtsUs: ptsUs.optional(),
  toPtsUs: ptsUs.optional(),
  contextMs: z.number().int().min(0).max(3_600_000).optional().describe('Media looked at before and after the range. Default: 60,000'),
};
export const judgeBody = z.strictObject({
  ruleId: uuid.optional().describe('A stored rule; or give `rule`'),
  rule: newRuleBody.omit({ name: true, enabled: true }).optional().describe('A rule that is not stored'),
  ...range,
  summary: z.enum(['minute', 'hour']).optional().describe('Default: by minute up to three hours, else by hour'),
  limit: z.number().int().min(0).max(5_000).optional().describe('Events given at most. Default: 1,000'),
});
export const applyBody = z.strictObject(range);
export const ruleParamsOfPath = z.strictObject({ id: uuid, ruleId: uuid });

export const ruleWire = z.object({
  id: uuid,
  streamId: uuid,
  name: z.string(),
  enabled: z.boolean(),
  analyzerId: z.string(),
  labels: z.array(z.string()),
  minScore: z.number(),
  kind: z.enum(RULE_KINDS),
  points: z.array(z.tuple([z.number(), z.number()])),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
  /** Grows with every change that can change a result. */
  revision: z.number().int(),
  createdAt: iso,
  updatedAt: iso,
});

export const judgedEventWire = z.object({
  epochId: uuid,
  key: z.string(),
  name: z.string(),
  state: z.enum(['open', 'closed']),
  startPtsUs: ptsUs,
  startAt: iso,
  endPtsUs: ptsUs.nullable(),
  endAt: iso.nullable(),
  endReason: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
});

export const judgementWire = z.object({
  /** Segments looked at, context included, and detections of the rule's labels and scores in them. */
  judged: z.object({ epochs: z.number().int(), segments: z.number().int(), detections: z.number().int(), analysedMs: z.number() }),
  counts: z.object({
    events: z.number().int(),
    tracks: z.number().int().describe('Different objects'),
    in: z.number().int(),
    out: z.number().int(),
    totalMs: z.number().describe('Time that events lasted, added up'),
    dropped: z.number().int().describe('Events the rule did not get to tell, because it told too many in a segment'),
  }),
  summary: z.object({
    step: z.enum(['minute', 'hour']),
    items: z.array(
      z.object({
        from: iso,
        events: z.number().int(),
        in: z.number().int(),
        out: z.number().int(),
        occupiedMs: z.number(),
        maxCount: z.number().nullable(),
        meanCount: z.number().nullable(),
      }),
    ),
  }),
  events: z.array(judgedEventWire),
  /** True when there are more events than `limit`. */
  truncated: z.boolean(),
});

export const appliedWire = z.object({
  removed: z.number().int(),
  stored: z.number().int(),
  /** Events that are going on now: they stay the live evaluation's. */
  keptOpen: z.number().int(),
});

export type NewRuleBody = z.output<typeof newRuleBody>;
export type RulePatch = z.output<typeof rulePatch>;
export type JudgeBody = z.output<typeof judgeBody>;
export type ApplyBody = z.output<typeof applyBody>;
export type RulePathParams = z.output<typeof ruleParamsOfPath>;
export type RuleWire = z.output<typeof ruleWire>;
export type JudgedEventWire = z.output<typeof judgedEventWire>;
export type JudgementWire = z.output<typeof judgementWire>;
export type AppliedWire = z.output<typeof appliedWire>;
