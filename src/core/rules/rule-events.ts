import type { EpochSpan } from './judged-media.js';
import type { JudgedEvent } from './judge.js';
import type { Rule } from './rule.js';

/** What a rule was found to say of a stretch of the past, to be kept instead of what was kept. */
export interface RuleReplacement {
  readonly rule: Rule;
  readonly spans: readonly EpochSpan[];
  readonly events: readonly JudgedEvent[];
  /** For the record of who did it. */
  readonly actor: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Stored events of rules. An abstract class so that it is its own Nest token. */
export abstract class RuleEvents {
  /**
   * Replaces the rule's stored events that start in the spans, of any of its revisions, in one transaction with its audit entry.
   * What is open now is the live evaluation's and stays.
   */
  abstract replace(replacement: RuleReplacement): Promise<{ removed: number; stored: number; keptOpen: number }>;
}
