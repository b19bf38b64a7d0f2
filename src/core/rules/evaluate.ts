import type { AnalysisResult, EventResult, JsonValue } from '../plugin-api/index.js';
import { type CountState, endCount, judgeCount, newCountState } from './count-rule.js';
import { type EndedBy, Findings } from './findings.js';
import { judgeLine, type LineState, newLineState } from './line-rule.js';
import type { AnalysedSegment, Rule } from './rule.js';
import { endZone, judgeZone, newZoneState, type ZoneState } from './zone-rule.js';

/** What a rule remembers between segments; JSON. */
export type RuleState = ZoneState | LineState | CountState;

export interface Evaluation {
  readonly results: readonly AnalysisResult[];
  readonly state: RuleState;
  /** Events the rule did not get to tell, because it told too many. */
  readonly dropped: number;
}

/**
 * Judges one segment by a rule: what it finds, and what it must remember. Pure and deterministic; live and over the past it is the
 * same function, so the same detections give the same events. Segments come in order; one that is left out was not analysed.
 */
export function evaluateRule(rule: Rule, before: RuleState | undefined, segment: AnalysedSegment): Evaluation {
  const findings = new Findings(rule);
  const state = judge(rule, before, segment, findings);
  return { results: findings.results, state, dropped: findings.dropped };
}

function judge(rule: Rule, before: RuleState | undefined, segment: AnalysedSegment, findings: Findings): RuleState {
  switch (rule.kind) {
    case 'zone':
    case 'dwell':
      return judgeZone(rule, before?.k === 'zone' ? before : newZoneState(), segment, findings);
    case 'line':
      return judgeLine(rule, before?.k === 'line' ? before : newLineState(), segment, findings);
    case 'count':
      return judgeCount(rule, before?.k === 'count' ? before : newCountState(), segment, findings);
  }
}

/** Ends what a rule has open, where the media looked at so far ends; by its state alone, since the rule may be gone. */
export function endRule(
  rule: Rule | { readonly id: string; readonly revision: number },
  state: RuleState,
  endedBy: EndedBy,
): EventResult[] {
  if (state.u === null) return [];
  const findings = new Findings({ name: '', kind: state.k, ...rule } as Rule);
  if (state.k === 'zone') endZone(state, state.u, endedBy, findings);
  else if (state.k === 'count') endCount(state, state.u, endedBy, findings);
  return findings.results.filter((result) => result.type === 'event');
}

/** Whether what a rule looks at has to be tracked. */
export const needsTracks = ({ kind }: Pick<Rule, 'kind'>): boolean => kind !== 'count';

/** A state as it comes out of a checkpoint; anything else is none, and the rule begins afresh. */
export function ruleStateFrom(json: JsonValue | undefined): RuleState | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  const { k, p, u, t } = json;
  const isTime = (value: JsonValue | undefined): boolean => value === null || Number.isSafeInteger(value);
  if (!isTime(p) || !isTime(u)) return undefined;
  if (k === 'count')
    return isTime(json['b']) && isTime(json['h']) && typeof json['c'] === 'number' ? (json as unknown as CountState) : undefined;
  const rows = Array.isArray(t) && t.every((row) => Array.isArray(row) && typeof row[0] === 'string') ? t : undefined;
  if (rows === undefined) return undefined;
  if (k === 'zone') return rows.every((row) => (row as unknown[]).length === 5) ? (json as unknown as ZoneState) : undefined;
  return k === 'line' && rows.every((row) => (row as unknown[]).length === 6) ? (json as unknown as LineState) : undefined;
}
