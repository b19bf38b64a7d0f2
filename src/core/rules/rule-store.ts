import type { Rule } from './rule.js';

/** What an operator gives; the rest is the store's. */
export type RuleDraft = Omit<Rule, 'id' | 'revision' | 'streamId'>;

/** A rule with its history. */
export interface StoredRule {
  readonly rule: Rule;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** Rules of streams, in the ledger. An abstract class so that it is its own Nest token. */
export abstract class RuleStore {
  /** By name, disabled ones included. */
  abstract list(streamId: string): Promise<StoredRule[]>;
  abstract get(streamId: string, ruleId: string): Promise<StoredRule | null>;
  /** @throws VD_RULE_NAME_TAKEN, VD_RULE_TOO_MANY */
  abstract create(streamId: string, draft: RuleDraft): Promise<StoredRule>;
  /** The revision grows, unless only the name is new. @throws VD_RULE_NAME_TAKEN */
  abstract update(streamId: string, ruleId: string, draft: RuleDraft): Promise<StoredRule | null>;
  abstract remove(streamId: string, ruleId: string): Promise<boolean>;
  /**
   * Enabled rules of the stream, from memory while every change is notified.
   * @param isDoubted ask the ledger although memory has an answer
   */
  abstract inForce(streamId: string, isDoubted?: boolean): Promise<readonly Rule[]>;
}
