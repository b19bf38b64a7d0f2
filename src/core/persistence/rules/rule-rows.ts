import type { Rule } from '../../rules/rule.js';
import type { RuleDraft, StoredRule } from '../../rules/rule-store.js';
import type { RuleEntity } from '../entities/rule.entity.js';

export function storedRule({ createdAt, updatedAt, deletedAt: _, ...rule }: RuleEntity): StoredRule {
  // What is stored was made by the schema of its kind.
  return { rule: rule as unknown as Rule, createdAtMs: createdAt.getTime(), updatedAtMs: updatedAt.getTime() };
}

/** The columns that a draft fills. */
export function draftColumns({ name, enabled, analyzerId, labels, minScore, kind, points, params }: RuleDraft) {
  return { name, enabled, analyzerId, labels: [...labels], minScore, kind, points, params };
}
