import { SEVERITIES, type Severity } from './severity.js';
import { streamCodes, type StreamHealthCode } from './stream-codes.js';

/** `noData`: nothing comes in that could be judged. Otherwise the gravest issue decides: `bad` an error, `ok` a warning, else `good`. */
export const HEALTH_STATUSES = ['good', 'ok', 'bad', 'noData'] as const;
export type HealthStatus = (typeof HEALTH_STATUSES)[number];

export interface HealthIssue {
  readonly code: StreamHealthCode;
  readonly severity: Severity;
  /** When it began, as far back as is looked at; null where that is not known. */
  readonly sinceMs: number | null;
  /** What is wrong, for a person: half a sentence, which `fix` goes on after a colon. */
  readonly reason: string;
  readonly fix: string;
  /** Up to when what it was judged by reaches; null where nothing did. */
  readonly analysedUpToMs: number | null;
}

/** An issue of that code, with the fix of the table. */
export function issueOf(code: StreamHealthCode, issue: Omit<HealthIssue, 'code' | 'fix'>): HealthIssue {
  return { code, fix: streamCodes[code].fix, ...issue };
}

/** @example "No picture for 3 s while the sound goes on: look at the camera, its cable and the encoder's picture source" */
export const sentenceOf = ({ reason, fix }: Pick<HealthIssue, 'reason' | 'fix'>): string => `${reason}: ${fix}`;

/** The gravest first; of the same weight in the order of the table. */
export function byGravity(issues: readonly HealthIssue[]): HealthIssue[] {
  const order = Object.keys(streamCodes);
  const weight = ({ severity }: HealthIssue): number => SEVERITIES.indexOf(severity);
  return issues.toSorted((a, b) => weight(b) - weight(a) || order.indexOf(a.code) - order.indexOf(b.code));
}
