import type { AnalyzerEdit, Plan } from './plan.js';

/** In order: free and without loss, free with little loss, free with loss, paid without loss, work given up. */
export const CHANGE_ORDER = [
  'raise-hosts',
  'route-to-own-hosts',
  'motion-gate',
  'lower-sampling',
  'add-hosts',
  'route-to-cloud',
  'narrow-streams',
  'drop-analyzer',
] as const;
export type ChangeKind = (typeof CHANGE_ORDER)[number];

export interface Change {
  readonly kind: ChangeKind;
  /** Analyzer or machine it is about. */
  readonly subject: string;
  readonly title: string;
  /** What the title names, for whoever says it in another language. */
  readonly about: About;
  /** What it writes for the analyzer it is about; null: it is no setting of a plugin. */
  readonly edit: AnalyzerEdit | null;
  /** What is lost by it; null: nothing. */
  readonly loses: string | null;
  /** In the currency of the price lists. `0`: nothing; null: not known. */
  readonly moneyPerDay: number | null;
  /** What is bought or not known about the price, for a person. */
  readonly priceNote: string | null;
  /** Whether its effect is known from measurement; where it is not, the report shows it but does not count on it. */
  readonly gain: 'measured' | 'estimated' | 'unknown';
  readonly gainNote: string | null;
  readonly apply: (plan: Plan) => Plan;
}

/** Names and figures that a text is made of; shares are 0..1. */
export type About = Readonly<Record<string, string | number | string[]>>;

/** What costs nothing. */
export const FREE = { moneyPerDay: 0, priceNote: null } as const;

/** Name of a stream that whoever asks must not see. */
export const HIDDEN = '(private)';
