import type { Rule } from '../../rules/rule.js';
import type { RuleDraft, StoredRule } from '../../rules/rule-store.js';

export interface RuleRow {
  id: string;
  stream_id: string;
  name: string;
  enabled: boolean;
  analyzer_id: string;
  labels: string[];
  min_score: number;
  kind: Rule['kind'];
  points: [number, number][];
  params: Record<string, unknown>;
  revision: number;
  created_at: Date;
  updated_at: Date;
}

export const RULE_COLUMNS =
  'id, stream_id, name, enabled, analyzer_id, labels, min_score, kind, points, params, revision, created_at, updated_at';

export function storedRule(row: RuleRow): StoredRule {
  const rule = {
    id: row.id,
    revision: row.revision,
    streamId: row.stream_id,
    name: row.name,
    enabled: row.enabled,
    analyzerId: row.analyzer_id,
    labels: row.labels,
    minScore: row.min_score,
    kind: row.kind,
    points: row.points,
    params: row.params,
  };
  // What is stored was made by the schema of its kind.
  return { rule: rule as unknown as Rule, createdAtMs: row.created_at.getTime(), updatedAtMs: row.updated_at.getTime() };
}

/** In the order of the statements' parameters, from $3. */
export function draftValues(draft: RuleDraft): unknown[] {
  const { name, enabled, analyzerId, labels, minScore, kind, points, params } = draft;
  return [name, enabled, analyzerId, [...labels], minScore, kind, JSON.stringify(points), JSON.stringify(params)];
}
