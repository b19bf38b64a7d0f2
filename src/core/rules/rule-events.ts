import type { Actor } from '../audit/actor.js';
import type { EpochSpan } from './judged-media.js';
import type { JudgedEvent } from './judge.js';
import type { Rule } from './rule.js';

/** What a rule was found to say of a stretch of the past, to be kept instead of what was kept. */
export interface RuleReplacement {
  readonly rule: Rule;
  readonly spans: readonly EpochSpan[];
  readonly events: readonly JudgedEvent[];
  /** Runs that were judged: what others have told meanwhile stays. */
  readonly runIds: readonly string[];
  /** For the record of who did it. */
  readonly by: Actor;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Stored events of rules. An abstract class so that it is its own Nest token. */
export abstract class RuleEvents {
  /**
   * Replaces the rule's stored events that start in the spans, of any of its revisions, in one transaction with its audit entry.
   * What is open now, or was told by runs that settled while it was judged, is the live evaluation's and stays.
   * @throws VD_RULE_CHANGED when the rule is not any more what was judged by
   */
  abstract replace(replacement: RuleReplacement): Promise<{ removed: number; stored: number; keptOpen: number }>;
}
