import { z } from 'zod';
import { DAY_MS } from '../plugin-api/index.js';
import { ruleError } from '../errors/rule.errors.js';
import { checkGeometry } from './geometry-check.js';
import { ANCHORS, type Point01, type RuleKind } from './rule.js';
import type { RuleDraft } from './rule-store.js';

const maxGapMs = z.number().min(100).max(10_000).default(2_000);
const margin = z.number().min(0).max(0.5).default(0.01);
const zone = { anchor: z.enum(ANCHORS).default('bottom'), minOverlap: z.number().min(0.01).max(1).default(0.5), maxGapMs };

const PARAMS = {
  zone: z.strictObject({ ...zone, margin }),
  dwell: z.strictObject({ ...zone, margin, dwellMs: z.number().min(100).max(DAY_MS) }),
  line: z.strictObject({ anchor: z.enum(['bottom', 'centre']).default('bottom'), margin, maxGapMs }),
  count: z
    .strictObject({
      ...zone,
      comparison: z.enum(['at-least', 'at-most']).default('at-least'),
      objects: z.number().int().min(0).max(1_000),
      forMs: z.number().min(0).max(DAY_MS).default(0),
      stepMs: z.number().int().min(250).max(5_000).default(1_000),
    })
    .refine(({ comparison, objects }) => comparison === 'at-most' || objects > 0, {
      path: ['objects'],
      message: 'at least 0 objects are always there',
    }),
} as const satisfies Record<RuleKind, z.ZodType>;

/** A rule as it was given, its parameters not yet looked at. */
export interface RuleInput {
  readonly name: string;
  readonly enabled: boolean;
  readonly analyzerId: string;
  readonly labels: readonly string[];
  readonly minScore: number;
  readonly kind: RuleKind;
  readonly points: readonly Point01[];
  readonly params: Readonly<Record<string, unknown>>;
}

/**
 * Holds a rule against what its kind takes, and fills in what it leaves open.
 * @throws VD_RULE_PARAMS, VD_RULE_GEOMETRY
 */
export function ruleDraft(input: RuleInput): RuleDraft {
  checkGeometry(input.kind, input.points);
  const parsed = PARAMS[input.kind].safeParse(input.params);
  if (parsed.success) return { ...input, labels: [...new Set(input.labels)], params: parsed.data } as unknown as RuleDraft;
  const issues = parsed.error.issues.map(({ path, message }) => `${['params', ...path.map(String)].join('.')}: ${message}`);
  throw ruleError('VD_RULE_PARAMS', `A rule of the kind ${input.kind}: ${issues.join('; ')}`);
}
